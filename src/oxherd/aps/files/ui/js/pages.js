/* Pages of ours inside the panel's frame: users, groups, resources, domains, purchase requests.
   Each asks for a ticket that works once, and posts it into a frame, so that no secret stands in an address. */
(function () {
  "use strict";

  const ox = window.oxherd;
  const _ = ox.text;
  const element = ox.element;

  function entry(panel, page) {
    return panel.call("POST", "/" + panel.tenant.aps.id + "/entry", { page: page }).then(function (found) {
      if (!/^https?:\/\//.test(found.url || "") || !found.ticket) {
        throw new Error("The entry has no address.");
      }
      return found;
    });
  }

  /* Inside the panel, whose menu leads to each of the pages, they need no tabs; in a tab of their own they do. */
  function submit(found, page, target) {
    const fields = Object.entries({ ticket: found.ticket, page: page, tabs: target === "_blank" ? "yes" : "no" });
    const form = element(
      "form", { method: "post", action: found.url, target: target, rel: "noopener", hidden: true },
      fields.map(function (field) { return element("input", { type: "hidden", name: field[0], value: field[1] }); })
    );
    document.body.append(form);
    form.submit();
    form.remove();
  }

  /* Fills the place with our page, and shows what has gone wrong instead if it has. */
  function open(place, panel, page, title) {
    const again = function () { return open(place, panel, page, title); };
    place.replaceChildren(ox.waiting(_("Opening __PAGE__ …", { PAGE: title })));
    return entry(panel, page).then(function (found) {
      const name = "oxherd-" + page;
      const frame = element("iframe", { class: "ox-frame", name: name, title: title });
      place.replaceChildren(frame);
      submit(found, page, name);
    }).catch(function (error) {
      place.replaceChildren(ox.notice(ox.message(error), again));
    });
  }

  function page(name, title, tools) {
    ox.views[name] = function (place, panel) {
      panel.tenant = panel.aps.context.vars.tenant;
      const label = _(title);
      const content = element("div", { class: "ox-content" });
      const said = element("div", { class: "ox-said", "aria-live": "polite" });
      const outside = ox.button(_("Open in a new tab"), function () {
        said.replaceChildren();
        entry(panel, name).then(function (found) { submit(found, name, "_blank"); }).catch(function (error) {
          said.replaceChildren(ox.notice(ox.message(error)));
        });
      }, { class: "ox-button ox-quiet" });
      const view = {
        panel: panel,
        reopen: function (sentence) {
          said.replaceChildren(sentence ? element("p", { class: "ox-good", text: sentence }) : "");
          return open(content, panel, name, label);
        }
      };
      document.title = label;
      place.className = "ox-page";
      const bar = element("div", { class: "ox-bar" }, [
        element("h1", { text: label }),
        element("div", { class: "ox-tools" }, (tools ? tools(view) : []).concat(outside))
      ]);
      place.replaceChildren(bar, said, content);
      return open(content, panel, name, label);
    };
  }

  /* A dialog with a form; save answers a Promise, and what it rejects with is shown in the dialog. */
  function dialog(title, parts, label, save) {
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
      saving.then(function () { whole.close(); }, function (error) {
        submit.disabled = false;
        wrong.replaceChildren(ox.notice(ox.message(error)));
      });
    });
    whole.addEventListener("close", function () { whole.remove(); });
    document.body.append(whole);
    whole.showModal();
    return whole;
  }

  /* A list to choose from, with a search above it. */
  function chooser(label, rows) {
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
    search.addEventListener("input", show);
    show();
    if (rows.length === 1) { list.selectedIndex = 0; }
    const chosen = ox.field(label, list);
    const looked = ox.field(_("Search"), search);
    return { field: chosen, parts: rows.length > 6 ? [looked.whole, chosen.whole] : [chosen.whole] };
  }

  /* Loads what a dialog needs, with the button disabled meanwhile. */
  function opener(label, view, load, show) {
    const made = ox.button(label, function () {
      made.disabled = true;
      load(view.panel).then(function (found) { show(view, found); }).catch(function (error) {
        dialog(label, [ox.notice(ox.message(error))], _("Close"), function () { return Promise.resolve(); });
      }).then(function () { made.disabled = false; });
    }, { class: "ox-button ox-first" });
    return made;
  }

  // ── Add New User ──────────────────────────────────────────────────────────────────────────────────────────────

  function people(panel) {
    const tenant = panel.tenant;
    return Promise.all([
      ox.all(panel.call, "?implementing(" + ox.CORE + "/service-user/1.0),sort(+login)"),
      ox.all(panel.call, "/" + tenant.aps.id + "/users"),
      ox.profiles(panel.call, tenant)
    ]).then(function (found) {
      const have = new Set(found[1].map(function (user) { return ox.linked(user, "user"); }));
      return {
        people: found[0].filter(function (person) { return !have.has(person.aps.id); }), profiles: found[2]
      };
    });
  }

  function addUser(view, found) {
    if (!found.people.length) {
      return dialog(_("Add New User"), [
        element("p", { text: _("Every service user of this account has Open-Xchange already. Add a service user first.") })
      ], _("Close"), function () { return Promise.resolve(); });
    }
    const byId = new Map(found.people.map(function (person) { return [person.aps.id, person]; }));
    const person = chooser(_("Service user"), found.people.map(function (one) {
      const name = ox.nameOf(one);
      return [one.aps.id, name === one.login ? name : name + " (" + one.login + ")"];
    }));
    const details = ox.userFields(found.profiles);
    person.field.input.addEventListener("change", function () {
      details.propose(byId.get(person.field.input.value));
    });
    if (found.people.length === 1) { details.propose(found.people[0]); }
    return dialog(_("Add New User"), person.parts.concat(details.parts), _("Add"), function () {
      const chosen = byId.get(person.field.input.value);
      person.field.complain(chosen ? "" : _("Choose a service user."));
      const made = details.resource();
      if (!chosen || !made) { return null; }
      made.user = ox.link(chosen);
      return view.panel.call("POST", "/" + view.panel.tenant.aps.id + "/users", made, view.panel.tenant.aps.subscription)
        .then(function () { view.reopen(_("__NAME__ gets Open-Xchange now.", { NAME: ox.nameOf(chosen) })); });
    });
  }

  // ── Add domain ────────────────────────────────────────────────────────────────────────────────────────────────

  function bare(name) { return String(name || "").replace(/\.$/, "").toLowerCase(); }

  function zones(panel) {
    return Promise.all([
      ox.all(panel.call, "?implementing(" + ox.ZONE + "),sort(+name)"),
      ox.all(panel.call, "/" + panel.tenant.aps.id + "/domains")
    ]).then(function (found) {
      const have = new Set(found[1].map(function (domain) { return bare(domain.name); }));
      return found[0].filter(function (zone) { return !have.has(bare(zone.name)); });
    });
  }

  function addDomain(view, found) {
    if (!found.length) {
      return dialog(_("Add domain"), [
        element("p", { text: _("Every domain of this account is in Open-Xchange already. Add a domain to the account first.") })
      ], _("Close"), function () { return Promise.resolve(); });
    }
    const byId = new Map(found.map(function (zone) { return [zone.aps.id, zone]; }));
    const zone = chooser(_("Domain"), found.map(function (one) { return [one.aps.id, bare(one.name)]; }));
    const catchAll = ox.field(
      _("Catch-all"), element("input", { type: "email", autocomplete: "off" }),
      _("Gets the mail for addresses that nobody has. Leave it empty, and such mail is refused.")
    );
    return dialog(_("Add domain"), zone.parts.concat(catchAll.whole), _("Add"), function () {
      const chosen = byId.get(zone.field.input.value);
      const fits = catchAll.input.checkValidity();
      zone.field.complain(chosen ? "" : _("Choose a domain."));
      catchAll.complain(fits ? "" : _("Enter a mail address, such as name@example.com."));
      if (!chosen || !fits) { return null; }
      const made = { aps: { type: ox.type("domain") }, name: bare(chosen.name), zone: ox.link(chosen) };
      if (catchAll.input.value) { made.catchAll = catchAll.input.value; }
      return view.panel
        .call("POST", "/" + view.panel.tenant.aps.id + "/domains", made, view.panel.tenant.aps.subscription)
        .then(function () { view.reopen(_("__NAME__ is being added.", { NAME: bare(chosen.name) })); });
    });
  }

  page("users", "Users", function (view) { return [opener(_("Add New User"), view, people, addUser)]; });
  page("domains", "Domains", function (view) { return [opener(_("Add domain"), view, zones, addDomain)]; });
  page("groups", "Groups");
  page("resources", "Resources");
  page("requests", "Purchase requests");
}());
