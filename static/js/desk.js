// At the desk: a text can be begun with that of the other language, a text with an advised length is counted, and
// a form with words that are not saved is not left without a question; a link can be copied.
(function () {
  "use strict";

  // The field of the same text in the other language, or null.
  function other(field) {
    var name = field.name.endsWith("_en")
      ? field.name.slice(0, -3) + "_zh_hans"
      : field.name.replace(/_zh_hans$/, "_en");
    return name === field.name ? null : field.form.elements[name];
  }

  // A button that fills an empty field; it is of no use, and not offered, once there are words.
  function offerCopy(field, words) {
    var source = other(field);
    if (!source) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "button copy-other";
    button.textContent = words.copy;
    function look() { button.hidden = field.value !== "" || source.value === ""; }
    button.addEventListener("click", function () {
      field.value = source.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
    [field, source].forEach(function (one) { one.addEventListener("input", look); });
    look();
    field.after(button);
  }

  function count(field, words) {
    var most = Number(field.dataset.advised);
    if (!most) return;
    var told = document.createElement("span");
    told.className = "length";
    function tell() {
      var length = Array.from(field.value).length;
      told.textContent = length + " / " + most + " " + words.count;
      told.classList.toggle("over", length > most);
    }
    field.addEventListener("input", tell);
    tell();
    field.after(told);
  }

  // A button that puts a field's text on the clipboard; where a browser gives us none, it is not offered.
  function offerClipboard(button) {
    if (!navigator.clipboard) return;
    var field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(field.value).then(function () {
        button.parentNode.querySelector("[role=status]").textContent = button.dataset.done;
      });
    });
  }

  // On a phone a row of a form is a card: each of its cells has the name of its column.
  function nameCells(table) {
    var names = Array.from(table.tHead.rows[0].cells, function (cell) { return cell.textContent.trim(); });
    Array.from(table.tBodies[0].rows).forEach(function (row) {
      Array.from(row.cells).forEach(function (cell, place) {
        if (names[place] && cell.childElementCount) cell.dataset.label = names[place];
      });
    });
  }

  // Those under `root`: the page, or rows that were added to it.
  function help(root) {
    root.querySelectorAll("[data-copies]").forEach(offerClipboard);
    root.querySelectorAll(".tabular table").forEach(nameCells);
    var words = document.getElementById("desk-words");
    if (!words) return;
    var fields = "textarea[lang]:not([readonly]), input[type=text][lang]:not([readonly])";
    root.querySelectorAll(fields).forEach(function (field) {
      if (!field.form || field.name.includes("__prefix__")) return;
      count(field, words.dataset);
      offerCopy(field, words.dataset);
    });
  }
  document.addEventListener("DOMContentLoaded", function () { help(document); });
  document.addEventListener("formset:added", function (event) { help(event.target); });

  // Whether a field says something else than the page it came with. What scripts set and hidden fields are not words.
  function isChanged(field) {
    if (field.disabled || ["hidden", "submit", "button", "reset", "image"].includes(field.type)) return false;
    if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
    if (field.options) {
      var options = Array.from(field.options);
      // Of a single choice without a default the browser takes the first.
      var first = !field.multiple && !options.some(function (one) { return one.defaultSelected; });
      return options.some(function (one, place) {
        return one.selected !== (first ? place === 0 : one.defaultSelected);
      });
    }
    return field.value !== field.defaultValue;
  }

  // Ticks in a list and the way in are no words. A form that came back unsaved has some from the start.
  function hasWords(form) {
    if (["changelist-form", "login-form", "logout-form"].includes(form.id)) return "kept_words" in form.elements;
    return "unsaved" in form.dataset || form.querySelector(".errornote, .errorlist") !== null || Array.from(form.elements).some(isChanged);
  }

  var sent = null;
  document.addEventListener("submit", function (event) {
    var button = event.submitter;
    var target = (button && button.formTarget) || event.target.target;
    if (target !== "_blank") sent = event.target; // a preview opens beside the form, which stays
  });
  window.addEventListener("pageshow", function () { sent = null; });
  window.addEventListener("beforeunload", function (event) {
    var forms = Array.from(document.querySelectorAll("form[method=post]:not(.language)"));
    if (forms.some(function (form) { return form !== sent && hasWords(form); })) event.preventDefault();
  });
})();
