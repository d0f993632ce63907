/* What all views share: texts, elements, calls of the controller. A plain script, so that it needs nothing of the panel. */
(function () {
  "use strict";

  const TYPES = "http://oxherd.example/aps";
  const CORE = "http://aps-standard.org/types/core";
  const ZONE = "http://parallels.com/aps/types/pa/dns/zone/1.0";
  const PAGE_LENGTH = 1000;
  const here = document.currentScript ? document.currentScript.src : "";
  let catalogue = {};

  // ── texts ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /* The text in the language of the panel: by the panel's own lookup, else by the catalogue, else as it stands.
     values: what stands in for each __NAME__. */
  function translated(source, values) {
    let found = catalogue[source];
    if (!found && typeof window._ === "function") {
      try { found = window._(source); } catch (error) { found = ""; }
    }
    return String(found || source).replace(/__([A-Z]+)__/g, function (whole, name) {
      return values && name in values ? values[name] : whole;
    });
  }

  function locale() {
    const user = (window.aps && window.aps.context && window.aps.context.user) || {};
    const told = user.locale || (window.dojoConfig && window.dojoConfig.locale) || navigator.language || "en";
    return String(told).toLowerCase().slice(0, 2);
  }

  /* Read the catalogue, if there is one; English needs none. Never fails. */
  function speak() {
    const files = { de: "de_DE" };
    const language = locale();
    document.documentElement.lang = files[language] ? language : "en";
    if (!files[language] || !here) { return Promise.resolve(); }
    return fetch(new URL("../../i18n/" + files[language] + ".json", here), { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.json() : {}; })
      .then(function (found) { catalogue = found; }, function () { document.documentElement.lang = "en"; });
  }

  // ── elements ──────────────────────────────────────────────────────────────────────────────────────────────────

  /* An element. given: attributes; on...: listeners; text: its text. */
  function element(name, given, children) {
    const made = document.createElement(name);
    Object.keys(given || {}).forEach(function (key) {
      const value = given[key];
      if (key === "text") {
        made.textContent = value;
      } else if (key.startsWith("on")) {
        made.addEventListener(key.slice(2), value);
      } else if (value === true) {
        made.setAttribute(key, "");
      } else if (value !== false && value !== undefined && value !== null) {
        made.setAttribute(key, value);
      }
    });
    (children || []).forEach(function (child) { if (child) { made.append(child); } });
    return made;
  }

  function button(label, act, given) {
    return element("button", Object.assign({ type: "button", class: "ox-button", text: label, onclick: act }, given));
  }

  let numbers = 0;
  /* A field with its label, an explanation, and a place for what is wrong with it. */
  function field(label, input, explanation) {
    numbers += 1;
    const id = "ox-field-" + numbers;
    const wrong = element("p", { class: "ox-wrong", id: id + "-wrong", hidden: true });
    const told = explanation ? element("p", { class: "ox-told", id: id + "-told", text: explanation }) : null;
    input.id = id;
    input.setAttribute("aria-describedby", (told ? told.id + " " : "") + wrong.id);
    const whole = element("div", { class: "ox-field" }, [
      element("label", { for: id, text: label }), input, told, wrong
    ]);
    return {
      whole: whole,
      input: input,
      complain: function (sentence) {
        wrong.textContent = sentence || "";
        wrong.hidden = !sentence;
        input.toggleAttribute("aria-invalid", Boolean(sentence));
        if (sentence) { input.setAttribute("aria-invalid", "true"); }
      }
    };
  }

  function notice(sentence, retry) {
    return element("div", { class: "ox-notice", role: "alert" }, [
      element("p", { text: sentence }),
      retry ? button(translated("Try again"), retry) : null
    ]);
  }

  function waiting(sentence) {
    return element("p", { class: "ox-waiting", role: "status", text: sentence });
  }

  /* label -> value, as a list of terms. */
  function facts(rows) {
    return element("dl", { class: "ox-facts" }, rows.filter(function (row) { return row[1]; }).map(function (row) {
      return element("div", {}, [element("dt", { text: row[0] }), element("dd", { text: row[1] })]);
    }));
  }

  // ── the controller ────────────────────────────────────────────────────────────────────────────────────────────

  /* What has gone wrong, as the application or the controller says it. */
  function message(error) {
    try {
      const told = error.response.text || error.response.data;
      const said = (typeof told === "string" ? JSON.parse(told) : told).message;
      if (said) { return said; }
    } catch (unreadable) { /* no sentence of ours: the general one */ }
    return translated("The control panel could not reach Open-Xchange. Try again in a moment.");
  }

  function read(answer) {
    if (answer && typeof answer.text === "string" && !answer.aps) { return answer.text ? JSON.parse(answer.text) : {}; }
    return typeof answer === "string" ? (answer ? JSON.parse(answer) : {}) : answer || {};
  }

  /* xhr: the SDK's. Answers a function (method, path below /aps/2/resources, data, subscription) -> Promise of JSON. */
  function caller(xhr) {
    return function (method, path, data, subscription) {
      const headers = { "Content-Type": "application/json" };
      if (subscription) { headers["APS-Subscription-ID"] = subscription; }
      const options = { method: method, headers: headers, handleAs: "json" };
      if (data !== undefined) { options.data = JSON.stringify(data); }
      return Promise.resolve(xhr("/aps/2/resources" + path, options)).then(read);
    };
  }

  /* All that a query finds, page by page. path: ends with ? or has a query already. */
  function all(call, path, found) {
    const so_far = found || [];
    const joint = path.includes("?") ? "," : "?";
    return call("GET", path + joint + "limit(" + so_far.length + "," + PAGE_LENGTH + ")").then(function (page) {
      const together = so_far.concat(page);
      return page.length < PAGE_LENGTH ? together : all(call, path, together);
    });
  }

  function link(resource) { return { aps: { id: resource.aps.id } }; }
  function linked(resource, relation) {
    const other = resource[relation];
    const one = Array.isArray(other) ? other[0] : other;
    return one && one.aps ? one.aps.id : undefined;
  }
  function type(service) { return TYPES + "/" + service + "/1.0"; }

  function profiles(call, tenant) {
    return all(call, "?implementing(" + type("profile") + "),sort(+rank)").then(function (found) {
      const brand = linked(tenant, "brand");
      const offered = found.filter(function (profile) {
        return !brand || !linked(profile, "brand") || linked(profile, "brand") === brand;
      });
      return offered.sort(function (one, other) { return (one.rank || 0) - (other.rank || 0); });
    });
  }

  function nameOf(person) {
    const names = [person.givenName, person.familyName].filter(Boolean).join(" ");
    return person.fullName || person.displayName || names || person.login;
  }

  const views = {};
  window.oxherd = {
    CORE: CORE, ZONE: ZONE, views: views,
    text: translated, speak: speak, element: element, button: button, field: field, notice: notice, waiting: waiting,
    facts: facts, message: message, caller: caller, all: all, link: link, linked: linked, type: type,
    profiles: profiles, nameOf: nameOf
  };
}());
