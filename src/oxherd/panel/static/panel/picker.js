/* The member picker by keyboard and double click. Every button works without this. */
(() => {
  "use strict";
  const form = document.querySelector("#group-form");
  if (!form) return;
  const rows = (pane) => [...pane.querySelectorAll("[data-pane-row]")];
  const boxOf = (row) => row.querySelector("input[type=checkbox]");
  const paneOf = (side) => form.querySelector(`[data-pane=${side}]`);
  const other = { outside: "inside", inside: "outside" };

  /* Tab goes to one row of each pane; arrows go on from there. */
  function rove(pane, to = 0) {
    rows(pane).forEach((row, index) => {
      boxOf(row).tabIndex = index === to ? 0 : -1;
      row.querySelector("[data-pane-act]").tabIndex = -1;
    });
  }
  const roveAll = () => form.querySelectorAll("[data-pane]").forEach((pane) => rove(pane));

  function focusRow(pane, index) {
    const all = rows(pane);
    if (!all.length) {
      pane.querySelector("input[type=search]").focus();
      return;
    }
    const to = Math.max(0, Math.min(index, all.length - 1));
    rove(pane, to);
    boxOf(all[to]).focus();
  }

  /* One row, or all ticked ones where there are any. Afterwards the focus is where the row was. */
  let place = { side: "outside", index: 0 };
  let returns = false;
  const goBack = (side, index) => {
    place = { side, index };
    returns = true;
  };
  function move(row) {
    const pane = row.closest("[data-pane]");
    const index = rows(pane).indexOf(row);
    const ticked = rows(pane).filter((each) => boxOf(each).checked);
    const above = ticked.filter((each) => rows(pane).indexOf(each) < index).length;
    goBack(pane.dataset.pane, index - above);
    if (ticked.length) form.querySelector(pane.dataset.pane === "outside" ? "#picker-in" : "#picker-out").click();
    else row.querySelector("[data-pane-act]").click();
  }

  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // an input method's own keys
    const row = event.target.closest("[data-pane-row]");
    if (!row) {
      fieldKey(event);
      return;
    }
    const pane = row.closest("[data-pane]");
    const index = rows(pane).indexOf(row);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    const side = pane.dataset.pane;
    if (event.key in steps) {
      event.preventDefault();
      if (event.key === "ArrowDown" && index === rows(pane).length - 1) pane.querySelector(".pane-more button")?.focus();
      else if (event.key === "ArrowUp" && index === 0) pane.querySelector("input[type=search]").focus();
      else focusRow(pane, index + steps[event.key]);
    } else if (event.key === (side === "outside" ? "ArrowRight" : "ArrowLeft")) {
      event.preventDefault();
      focusRow(paneOf(other[side]), 0);
    } else if (event.key === "Enter" && event.target === boxOf(row)) {
      event.preventDefault();
      move(row);
    }
  });

  /* Enter in a field saves; in a search field it only searches, and the arrow goes down to what was found. */
  function fieldKey(event) {
    const pane = event.target.closest("[data-pane]");
    if (pane && event.target.matches("input[type=search]")) {
      if (event.key === "ArrowDown" || event.key === "Enter") {
        event.preventDefault();
        if (event.key === "ArrowDown") focusRow(pane, 0);
      }
    } else if (event.key === "ArrowUp" && event.target.closest(".pane-more")) {
      event.preventDefault();
      focusRow(pane, Infinity);
    } else if (event.key === "Enter" && event.target.matches("input:not([type=checkbox])")) {
      event.preventDefault();
      form.requestSubmit(document.querySelector(form.dataset.saves));
    }
  }

  form.addEventListener("dblclick", (event) => {
    const row = event.target.closest("[data-pane-row]");
    if (!row || event.target.closest("button")) return;
    for (const each of rows(row.closest("[data-pane]"))) boxOf(each).checked = false;
    move(row);
  });

  /* What a double click selects of the text helps nobody. */
  form.addEventListener("mousedown", (event) => {
    if (event.detail > 1 && event.target.closest("[data-pane-row]")) event.preventDefault();
  });

  /* From a row's own button: back to the list, as with the keys. */
  form.addEventListener("click", (event) => {
    const act = event.target.closest("[data-pane-act]");
    if (!act) return;
    const row = act.closest("[data-pane-row]");
    const pane = row.closest("[data-pane]");
    goBack(pane.dataset.pane, rows(pane).indexOf(row));
  }, true);

  function say(text) {
    const said = document.querySelector("#picker-said");
    const count = (side) => paneOf(side)?.querySelector("[data-count]").textContent.trim();
    said.textContent = [text, count("inside")].filter(Boolean).join(" ");
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    const { target } = event.detail;
    if (target.id === "picker") {
      roveAll();
      say(target.querySelector("[data-picker]").dataset.said);
      if (returns || document.activeElement === document.body) focusRow(paneOf(place.side), place.index);
      returns = false;
    } else if (target.matches(".pane-found")) {
      rove(target.closest("[data-pane]"));
      document.querySelector("#picker-said").textContent = target.querySelector("[data-count]").textContent.trim();
    }
  });

  /* The next rows have come: the focus goes to the first of them, since the button has gone. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const more = event.detail.target.closest(".pane-more");
    const pane = more?.closest("[data-pane]");
    if (!pane) return;
    const index = rows(pane).length;
    document.addEventListener("htmx:afterSettle", () => focusRow(pane, index), { once: true });
  });

  roveAll();
})();
