/* Dialogs of the views, and lists to choose from in them. */
(function () {
  "use strict";

  const ox = window.oxherd;
  const _ = ox.text;
  const element = ox.element;

  /* A dialog with a form; save answers a Promise, of null where something is wrong at a field; and what it rejects with is shown in the dialog. */
  ox.dialog = function (title, parts, label, save) {
    const wrong = element("div");
    const submit = element("button", { type: "submit", class: "ox-button ox-first", text: label });
    const form = element("form", { method: "dialog", novalidate: true }, [
      element("h2", { text: title, id: "ox-dialog-title" }), wrong,
      element("div", { class: "ox-fields" }, parts),
      element("div", { class: "ox-buttons" }, [
        ox.button(_("Cancel"), function () { whole.close(); }, { class: "ox-button ox-quiet" }), submit
      ])
    ]);
    const whole = element("dialog", { class: "ox-dialog", "aria-labelledby": "ox-dialog-title" }, [form]);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      const saving = save();
      if (!saving) { return; }
      submit.disabled = true;
      wrong.replaceChildren();
      saving.then(function (done) {
        submit.disabled = false;
        if (done !== null) { whole.close(); }
      }, function (error) {
        submit.disabled = false;
        wrong.replaceChildren(ox.notice(ox.message(error)));
      });
    });
    whole.addEventListener("close", function () { whole.remove(); });
    document.body.append(whole);
    whole.showModal();
    return whole;
  };

  /* A list to choose from, with a search above it. */
  ox.chooser = function (label, rows) {
    const SHOWN = 200;
    const list = element("select", { size: "6" });
    const search = element("input", { type: "search", autocomplete: "off" });
    const show = function () {
      const wanted = search.value.trim().toLowerCase();
      const fitting = rows.filter(function (row) { return row[1].toLowerCase().includes(wanted); });
      list.replaceChildren.apply(list, fitting.slice(0, SHOWN).map(function (row) {
        return element("option", { value: row[0], text: row[1] });
      }));
    };
    search.addEventListener("input", function () {
      const before = list.value;
      show();
      list.value = list.options.length === 1 ? list.options[0].value : before;
      if (list.value !== before) { list.dispatchEvent(new Event("change")); }
    });
    show();
    if (rows.length === 1) { list.selectedIndex = 0; }
    const chosen = ox.field(label, list);
    const looked = ox.field(_("Search"), search);
    return { field: chosen, parts: rows.length > 6 ? [looked.whole, chosen.whole] : [chosen.whole] };
  };
}());
