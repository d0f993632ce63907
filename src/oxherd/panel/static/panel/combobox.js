/* A drop-down that searches on the server: the editable combobox of the WAI-ARIA practices. <c-combobox> makes its mark-up. */
(() => {
  "use strict";
  const TYPED_MS = 150;

  const parts = (box) => ({
    input: box.querySelector("[role=combobox]"),
    value: box.querySelector("[data-combobox-value]"),
    popup: box.querySelector(".combobox-popup"),
    list: box.querySelector("[role=listbox]"),
    said: box.querySelector(".combobox-said"),
    status: box.querySelector("[role=status]"),
  });
  const options = (list) => [...list.querySelectorAll("[role=option]")];

  function upgrade(box) {
    if (box.dataset.ready) return;
    box.dataset.ready = "yes";
    const { input, value, popup, list, said, status } = parts(box);
    box.querySelector("[data-combobox-plain]").remove();
    value.disabled = false;
    let chosen = { value: value.value, label: input.value };
    let typed = false; // since the last choice
    let timer = 0;
    let asked = "";
    let listed = null; // the text that the list answers

    const isOpen = () => popup.matches(":popover-open");
    const active = () => list.querySelector("[aria-selected=true]");

    function place() {
      const at = input.getBoundingClientRect();
      const below = innerHeight - at.bottom;
      popup.style.inlineSize = `${at.width}px`;
      popup.style.left = `${at.left}px`;
      const up = below < 200 && at.top > below;
      popup.style.top = up ? "auto" : `${at.bottom + 4}px`;
      popup.style.bottom = up ? `${innerHeight - at.top + 4}px` : "auto";
      popup.style.maxBlockSize = `${Math.min(320, (up ? at.top : below) - 16)}px`;
    }

    function open() {
      if (isOpen()) return;
      popup.showPopover();
      input.setAttribute("aria-expanded", "true");
      place();
      addEventListener("scroll", place, true);
      addEventListener("resize", place);
    }

    function close() {
      clearTimeout(timer);
      mark(null);
      if (!isOpen()) return;
      popup.hidePopover();
      input.setAttribute("aria-expanded", "false");
      status.textContent = "";
      removeEventListener("scroll", place, true);
      removeEventListener("resize", place);
    }

    function mark(option) {
      active()?.setAttribute("aria-selected", "false");
      option?.setAttribute("aria-selected", "true");
      option?.scrollIntoView({ block: "nearest" });
      if (option) input.setAttribute("aria-activedescendant", option.id);
      else input.removeAttribute("aria-activedescendant");
    }

    function choose(option) {
      take({ value: option.dataset.value, label: option.dataset.label });
      input.select(); // what is typed next replaces it
    }

    /* Who leaves the field has meant what stands there: the one option of that name, or a text of their own where that may be. */
    function leave() {
      const text = input.value.trim();
      const same = options(list).filter((option) => option.dataset.label.toLowerCase() === text.toLowerCase());
      if (!text || same.length > 1) return restore();
      if (same.length) return take({ value: same[0].dataset.value, label: same[0].dataset.label });
      if ("free" in box.dataset) return take({ value: text, label: text });
      if (listed === text) return restore();
      close(); // the answer is still to come, and settles it
      look();
    }

    function take(option) {
      chosen = option;
      typed = false;
      restore();
    }

    /* What is shown is what is chosen: a text that was not taken from the list does not stay; an emptied field is none. */
    function restore() {
      const emptied = typed && !input.value.trim() && box.dataset.none;
      if (emptied) chosen = { value: "", label: box.dataset.none };
      typed = false;
      input.value = chosen.label;
      const changed = value.value !== chosen.value;
      value.value = chosen.value;
      close();
      if (changed) value.dispatchEvent(new Event("change", { bubbles: true }));
    }

    const look = () => window.htmx.trigger(input, "combobox-look");

    function move(step) {
      const all = options(list);
      if (!all.length) return;
      const at = all.indexOf(active());
      mark(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
    }

    function found() {
      listed = asked.trim();
      const all = options(list);
      all.forEach((option, index) => (option.id = `${list.id}_${index}`));
      const more = list.querySelector("[data-more]");
      more?.remove();
      const text = all.length ? (more ? `The first ${all.length} are shown. Type to find others.` : "") : "Nothing matches. Words are found by their beginning.";
      said.textContent = text;
      said.hidden = !text;
      status.textContent = text || `${all.length} found.`;
      input.removeAttribute("aria-activedescendant");
      if (document.activeElement !== input) return typed && leave();
      open();
      if (typed) mark(all[0]);
      else mark(all.find((option) => option.dataset.value === chosen.value));
    }

    input.addEventListener("input", () => {
      typed = true;
      clearTimeout(timer);
      timer = setTimeout(look, TYPED_MS);
    });
    input.addEventListener("htmx:configRequest", (event) => {
      asked = event.detail.parameters.q = typed ? input.value : "";
    });
    list.addEventListener("htmx:afterSwap", found);
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => isOpen() || look());
    input.addEventListener("blur", () => typed ? leave() : isOpen() ? restore() : close());
    box.querySelector(".combobox-open").addEventListener("click", () => {
      if (isOpen()) return close();
      input.focus();
      look();
    });
    popup.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    box.querySelector(".combobox-open").addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) choose(option);
    });
    input.addEventListener("keydown", (event) => {
      const { key } = event;
      if (event.isComposing) return; // an input method's own keys
      if (key === "ArrowDown" || key === "ArrowUp") {
        event.preventDefault();
        if (!isOpen()) look();
        else if (key === "ArrowUp" && event.altKey) restore();
        else move(key === "ArrowDown" ? 1 : -1);
      } else if (key === "Enter" && isOpen()) {
        event.preventDefault();
        if (active()) choose(active());
      } else if (key === "Enter" && typed) {
        leave(); // what is typed counts before the form goes
      } else if (key === "Escape" && (isOpen() || typed)) {
        event.preventDefault(); // the dialog stays
        event.stopPropagation();
        input.value = chosen.label;
        restore();
      }
    });
  }

  const upgradeIn = (root) => root.querySelectorAll?.("[data-combobox]").forEach(upgrade);
  document.addEventListener("htmx:load", (event) => upgradeIn(event.detail.elt));
  upgradeIn(document);
})();
