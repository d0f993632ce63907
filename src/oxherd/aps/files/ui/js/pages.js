/* Pages of ours inside the panel's frame: users, groups, resources, domains, purchase requests.
   Each asks for a ticket that works once, and posts it into a frame, so that no secret stands in an address. */
(function () {
  "use strict";

  const ox = window.oxherd;
  const _ = ox.text;
  const element = ox.element;
  const MESSAGE_MILLISECONDS = 8000;

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
      let passing = 0;
      function say(part) {
        window.clearTimeout(passing);
        said.replaceChildren(part || "");
      }
      const outside = ox.button(_("Open in a new tab"), function () {
        entry(panel, name).then(function (found) { submit(found, name, "_blank"); }).catch(function (error) {
          say(ox.notice(ox.message(error)));
        });
      }, { class: "ox-button ox-quiet" });
      const view = {
        panel: panel,
        reopen: function (sentence) {
          say(element("p", { class: "ox-good", text: sentence }));
          passing = window.setTimeout(say, MESSAGE_MILLISECONDS);
          return open(content, panel, name, label);
        }
      };
      document.title = label;
      place.className = "ox-page";
      const bar = element("div", { class: "ox-bar" }, [
        element("h1", { class: "ox-unseen", text: label }),
        element("div", { class: "ox-tools" }, (tools ? tools(view) : []).concat(outside))
      ]);
      bar.addEventListener("click", function () { say(); }, true);
      place.replaceChildren(bar, said, content);
      place.style.setProperty("--above", Math.max(0, Math.round(place.getBoundingClientRect().top + window.scrollY)) + "px");
      return open(content, panel, name, label);
    };
  }

  /* Loads what a dialog needs, with the button disabled meanwhile. */
  function opener(label, view, load, show) {
    const made = ox.button(label, function () {
      made.disabled = true;
      load(view.panel).then(function (found) { show(view, found); }).catch(function (error) {
        ox.dialog(label, [ox.notice(ox.message(error))], _("Close"), function () { return Promise.resolve(); });
      }).then(function () { made.disabled = false; });
    }, { class: "ox-button ox-first" });
    return made;
  }

  // ── Add New User ──────────────────────────────────────────────────────────────────────────────────────────────

  /* Those without OX, and those who were to get it and did not: with what was made for them. */
  function people(panel) {
    const tenant = panel.tenant;
    return Promise.all([
      ox.all(panel.call, "?implementing(" + ox.CORE + "/service-user/1.0),sort(+login)"),
      ox.all(panel.call, "/" + tenant.aps.id + "/users"),
      ox.ground(panel.call, tenant)
    ]).then(function (found) {
      const users = found[1].filter(function (user) { return user.aps.status !== "aps:deleted"; });
      const have = new Map(users.map(function (user) { return [ox.linked(user, "user"), user]; }));
      return {
        ground: found[2], have: have,
        people: found[0].filter(function (person) {
          const user = have.get(person.aps.id);
          return !user || ox.needsMending(user);
        })
      };
    });
  }

  function addUser(view, found) {
    if (!found.people.length) {
      return ox.dialog(_("Add New User"), [
        element("p", { text: _("Every service user of this account has Open-Xchange already. Add a service user first.") })
      ], _("Close"), function () { return Promise.resolve(); });
    }
    const byId = new Map(found.people.map(function (person) { return [person.aps.id, person]; }));
    const person = ox.chooser(_("Service user"), found.people.map(function (one) {
      const name = ox.nameOf(one);
      const whole = name === one.login ? name : name + " (" + one.login + ")";
      return [one.aps.id, found.have.has(one.aps.id) ? _("__NAME__, not finished", { NAME: whole }) : whole];
    }));
    const details = ox.userFields(found.ground);
    const choose = function () {
      const chosen = person.field.input.value;
      details.choose([byId.get(chosen)], found.have.get(chosen));
    };
    person.field.input.addEventListener("change", choose);
    choose();
    const call = view.panel.call;
    const tenant = view.panel.tenant;
    const columns = element("div", { class: "ox-columns" }, [
      element("div", { class: "ox-fields" }, person.parts), element("div", { class: "ox-fields" }, details.parts.slice(1))
    ]);
    const dialog = ox.dialog(_("Add New User"), [details.parts[0], columns], _("Add"), function () {
      const chosen = byId.get(person.field.input.value);
      person.field.complain(chosen ? "" : _("Choose a service user."));
      return details.resource().then(function (made) {
        if (!chosen || !made) { return null; }
        const before = found.have.get(chosen.aps.id);
        made.user = ox.link(chosen);
        return (before ? ox.tryAgain(call, tenant, before, made)
          : call("POST", "/" + tenant.aps.id + "/users", made, tenant.aps.subscription)
        ).then(function () { view.reopen(_("__NAME__ gets Open-Xchange now.", { NAME: ox.nameOf(chosen) })); });
      });
    });
    dialog.classList.add("ox-wide");
    return dialog;
  }

  // ── Add domain ────────────────────────────────────────────────────────────────────────────────────────────────

  function zones(panel) {
    return Promise.all([
      ox.all(panel.call, "?implementing(" + ox.ZONE + "),sort(+name)"),
      ox.all(panel.call, "/" + panel.tenant.aps.id + "/domains")
    ]).then(function (found) {
      const have = new Set(found[1].map(function (domain) { return ox.bare(domain.name); }));
      return found[0].filter(function (zone) { return !have.has(ox.bare(zone.name)); });
    });
  }

  function addDomain(view, found) {
    if (!found.length) {
      return ox.dialog(_("Add domain"), [
        element("p", { text: _("Every domain of this account is in Open-Xchange already. Add a domain to the account first.") })
      ], _("Close"), function () { return Promise.resolve(); });
    }
    const byId = new Map(found.map(function (zone) { return [zone.aps.id, zone]; }));
    const zone = ox.chooser(_("Domain"), found.map(function (one) { return [one.aps.id, ox.bare(one.name)]; }));
    const catchAll = ox.field(
      _("Catch-all"), element("input", { type: "email", autocomplete: "off" }),
      _("The address of a user, who gets the mail for addresses that nobody has. Leave it empty, and such mail is refused.")
    );
    return ox.dialog(_("Add domain"), zone.parts.concat(catchAll.whole), _("Add"), function () {
      const chosen = byId.get(zone.field.input.value);
      const fits = catchAll.input.checkValidity();
      zone.field.complain(chosen ? "" : _("Choose a domain."));
      catchAll.complain(fits ? "" : _("Enter a mail address, such as name@example.com."));
      if (!chosen || !fits) { return null; }
      const made = { aps: { type: ox.type("domain") }, name: ox.bare(chosen.name), zone: ox.link(chosen) };
      if (catchAll.input.value) { made.catchAll = catchAll.input.value; }
      return view.panel
        .call("POST", "/" + view.panel.tenant.aps.id + "/domains", made, view.panel.tenant.aps.subscription)
        .then(function () { view.reopen(_("__NAME__ is being added.", { NAME: ox.bare(chosen.name) })); });
    });
  }

  page("users", "Users", function (view) { return [opener(_("Add New User"), view, people, addUser)]; });
  page("domains", "Domains", function (view) { return [opener(_("Add domain"), view, zones, addDomain)]; });
  page("groups", "Groups");
  page("resources", "Resources");
  page("requests", "Purchase requests");
}());
