// At the desk: a text can be begun with that of the other language, and a text with an advised length is counted.
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

  document.addEventListener("DOMContentLoaded", function () {
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
