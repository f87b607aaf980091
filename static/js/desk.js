// At the desk: a text can be begun with that of the other language, a text with an advised length is counted, and
// a link can be copied.
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

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-copies]").forEach(offerClipboard);
    document.querySelectorAll(".tabular table").forEach(nameCells);
    var words = document.getElementById("desk-words");
    if (!words) return;
    var fields = "form textarea[lang]:not([readonly]), form input[type=text][lang]:not([readonly])";
    document.querySelectorAll(fields).forEach(function (field) {
      if (field.name.includes("__prefix__")) return;
      count(field, words.dataset);
      offerCopy(field, words.dataset);
    });
  });
})();
