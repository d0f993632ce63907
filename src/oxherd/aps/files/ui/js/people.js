/* A service user's Open-Xchange: the wizard's step and summary, the tab of a user, and what users see of their own. */
(function () {
  "use strict";

  const ox = window.oxherd;
  const _ = ox.text;
  const element = ox.element;

  function lines(text) {
    return text.split(/[\s,;]+/).filter(Boolean);
  }

  /* Profile, address and aliases. propose(person): fill in the login. resource(): what to make, or null if it is wrong. */
  ox.userFields = function (profiles) {
    const profile = ox.field(_("Profile"), element("select", {}, profiles.map(function (one) {
      return element("option", { value: one.aps.id, text: one.priceLabel ? one.name + " (" + one.priceLabel + ")" : one.name });
    })));
    const address = ox.field(
      _("Primary address"), element("input", { type: "email", autocomplete: "off" }),
      _("Leave it empty to use the login.")
    );
    const aliases = ox.field(
      _("Aliases"), element("textarea", { rows: "2", spellcheck: "false" }), _("More addresses, one per line.")
    );
    const email = element("input", { type: "email" });
    function isAddress(text) {
      email.value = text;
      return email.checkValidity();
    }
    return {
      parts: [profile.whole, address.whole, aliases.whole],
      propose: function (person) {
        const login = (person && person.login) || "";
        address.input.value = login.includes("@") ? login : (person && person.email) || "";
      },
      restore: function (resource) {
        profile.input.value = ox.linked(resource, "profile") || profile.input.value;
        address.input.value = resource.primaryAddress || "";
        aliases.input.value = (resource.aliases || []).join("\n");
      },
      resource: function () {
        const others = lines(aliases.input.value);
        const bad = others.find(function (one) { return !isAddress(one); });
        const fits = isAddress(address.input.value);
        profile.complain(profile.input.value ? "" : _("No profile is offered here. Ask your provider for one."));
        address.complain(fits ? "" : _("Enter a mail address, such as name@example.com."));
        aliases.complain(bad ? _("__ADDRESS__ is no mail address.", { ADDRESS: bad }) : "");
        if (!profile.input.value || !fits || bad) { return null; }
        const made = { aps: { type: ox.type("user") }, ox: true, aliases: others, profile: { aps: { id: profile.input.value } } };
        if (address.input.value) { made.primaryAddress = address.input.value; }
        return made;
      }
    };
  };

  /* Loads, and shows what was found in an element below the heading, or what has gone wrong. */
  function shown(place, title, load, show) {
    const inner = element("div", { class: "ox-inner" }, [ox.waiting(_("Loading …"))]);
    document.title = title;
    place.className = "ox-page ox-narrow";
    place.replaceChildren(element("h1", { text: title }), inner);
    return load().then(function (found) {
      show(found, inner);
    }).catch(function (error) {
      inner.replaceChildren(ox.notice(ox.message(error), function () { shown(place, title, load, show); }));
    });
  }

  /* fields.resource() with its tenant, or null. */
  function made(fields, tenant) {
    const resource = fields.resource();
    if (resource) { resource.tenant = ox.link(tenant); }
    return resource;
  }

  // ── the wizard ────────────────────────────────────────────────────────────────────────────────────────────────

  ox.views["suwizard.new"] = function (place, panel) {
    const aps = panel.aps;
    const tenant = aps.context.vars.tenant;
    const params = aps.context.params || {};
    let fields = null;
    aps.app = aps.app || {};
    aps.app.onNext = function () {
      const resource = fields && made(fields, tenant);
      if (resource) {
        aps.apsc.next({ objects: [resource], userAttr: "user" });
      } else if (aps.apsc.cancelProcessing) {
        aps.apsc.cancelProcessing();
      }
    };
    aps.app.onSubmit = aps.app.onNext;
    return shown(place, _("Open-Xchange"), function () { return ox.profiles(panel.call, tenant); }, function (profiles, inner) {
      fields = ox.userFields(profiles);
      fields.propose(params.user);
      const before = (params.objects || []).find(function (one) { return one.aps && one.aps.type === ox.type("user"); });
      if (before) { fields.restore(before); }
      inner.replaceChildren.apply(inner, fields.parts);
    });
  };

  /* UX1 hands over one user or several; several get the same profile, and their logins as addresses. */
  ox.views["suwizard.new/2"] = function (place, panel) {
    const aps = panel.aps;
    const tenant = aps.context.vars.tenant;
    return shown(place, _("Open-Xchange"), function () {
      return Promise.all([ox.profiles(panel.call, tenant), Promise.resolve(aps.biz.getResourcesToBind())]);
    }, function (found, inner) {
      const people = (found[1] && found[1].users) || [];
      const fields = ox.userFields(found[0]);
      const wrong = element("div");
      if (people.length === 1) { fields.propose(people[0]); }
      inner.replaceChildren.apply(inner, (people.length > 1 ? fields.parts.slice(0, 1) : fields.parts).concat(wrong));
      aps.app.bind = function () {
        const resource = made(fields, tenant);
        if (!resource) { aps.apsc.cancelProcessing(); return null; }
        const operations = people.map(function (person) {
          const own = person.aps && person.aps.id ? { user: ox.link(person) } : {};
          return { provision: Object.assign({}, resource, own) };
        });
        return Promise.resolve(aps.biz.requestUsageChange({
          subscriptionId: tenant.aps.subscription,
          deltas: [{ apsType: ox.type("user"), delta: people.length }],
          operations: operations
        })).then(function () { aps.apsc.next(); }, function (error) {
          wrong.replaceChildren(ox.notice(ox.message(error)));
          aps.apsc.cancelProcessing();
        });
      };
    });
  };

  function profileName(profiles, user) {
    const id = ox.linked(user, "profile");
    const found = profiles.find(function (one) { return one.aps.id === id; });
    return found ? found.name : "";
  }

  ox.views["suwizard.overview"] = function (place, panel) {
    const context = panel.aps.context;
    const objects = (context.params || {}).objects || [];
    const user = objects.find(function (one) { return one.aps && one.aps.type === ox.type("user"); }) || {};
    return shown(place, _("Open-Xchange"), function () {
      return ox.profiles(panel.call, context.vars.tenant);
    }, function (profiles, inner) {
      inner.replaceChildren(ox.facts([
        [_("Profile"), profileName(profiles, user)],
        [_("Primary address"), user.primaryAddress || _("The login")],
        [_("Aliases"), (user.aliases || []).join(", ")]
      ]));
    });
  };

  // ── one user ──────────────────────────────────────────────────────────────────────────────────────────────────

  /* As the application tells it; nothing is told of who was added a moment ago. */
  function state(user) {
    const words = {
      enabled: _("Enabled"), disabled: _("Disabled"), in_progress: _("In progress"), error: _("Error")
    };
    return words[user.status] || user.status || words.in_progress;
  }

  function told(user, profiles) {
    return ox.facts([
      [_("Open-Xchange"), state(user)],
      [_("Problem"), user.problem],
      [_("Profile"), profileName(profiles, user)],
      [_("Primary address"), user.primaryAddress],
      [_("Aliases"), (user.aliases || []).join(", ")]
    ]);
  }

  ox.views["suservice.view"] = function (place, panel) {
    const aps = panel.aps;
    const tenant = aps.context.vars.tenant;
    const person = (aps.context.params || {}).user || {};
    const id = person.aps ? person.aps.id : person;
    const again = function () { return ox.views["suservice.view"](place, panel); };

    function saving(wrong, act) {
      return function (event) {
        event.preventDefault();
        const call = act();
        if (!call) { return; }
        wrong.replaceChildren(ox.waiting(_("Saving …")));
        call.then(again, function (error) { wrong.replaceChildren(ox.notice(ox.message(error))); });
      };
    }

    function withoutOx(inner, profiles) {
      const fields = ox.userFields(profiles);
      const wrong = element("div");
      fields.propose(person);
      const act = function () {
        const resource = made(fields, tenant);
        if (!resource) { return null; }
        resource.user = { aps: { id: id } };
        return panel.call("POST", "/" + tenant.aps.id + "/users", resource, tenant.aps.subscription);
      };
      inner.replaceChildren(element("form", { novalidate: true, onsubmit: saving(wrong, act) }, [
        element("p", { text: _("This user does not have Open-Xchange yet.") }),
        element("div", { class: "ox-fields" }, fields.parts), wrong,
        element("div", { class: "ox-buttons" }, [
          element("button", { type: "submit", class: "ox-button ox-first", text: _("Enable Open-Xchange") })
        ])
      ]));
    }

    function withOx(inner, user, profiles) {
      const wrong = element("div");
      const enable = function () {
        return panel.call("PUT", "/" + user.aps.id, { aps: { id: user.aps.id, type: ox.type("user") }, ox: true });
      };
      inner.replaceChildren(told(user, profiles), wrong, element("div", { class: "ox-buttons" }, [
        user.ox === false ? ox.button(_("Enable Open-Xchange"), saving(wrong, enable), { class: "ox-button ox-first" }) : null,
        ox.button(_("All users"), function () { aps.apsc.gotoView("http://oxherd.example/aps#users"); })
      ]));
    }

    return shown(place, _("Open-Xchange"), function () {
      return Promise.all([
        panel.call("GET", "?implementing(" + ox.type("user") + "),eq(user.aps.id," + id + ")"),
        ox.profiles(panel.call, tenant)
      ]);
    }, function (found, inner) {
      const user = found[0].find(function (one) { return ox.linked(one, "user") === id; });
      if (user) { withOx(inner, user, found[1]); } else { withoutOx(inner, found[1]); }
    });
  };

  ox.views.me = function (place, panel) {
    const user = panel.aps.context.vars.user;
    return shown(place, _("Open-Xchange"), function () {
      return Promise.all([
        panel.call("GET", "/" + user.aps.id),
        ox.all(panel.call, "?implementing(" + ox.type("profile") + ")").catch(function () { return []; })
      ]);
    }, function (found, inner) {
      inner.replaceChildren(told(found[0], found[1]));
    });
  };
}());
