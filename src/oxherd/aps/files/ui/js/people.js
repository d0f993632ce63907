/* A service user's Open-Xchange: the wizard's step and summary, the tab of a user, and what users see of their own. */
(function () {
  "use strict";

  const ox = window.oxherd;
  const _ = ox.text;
  const element = ox.element;

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
    return fields.resource().then(function (resource) {
      return resource && Object.assign(resource, { tenant: ox.link(tenant) });
    });
  }

  // ── the wizard ────────────────────────────────────────────────────────────────────────────────────────────────

  /* Stays in the step, and says why if that is not at a field. */
  function staying(aps, wrong) {
    return function (error) {
      wrong.replaceChildren(error ? ox.notice(ox.message(error)) : "");
      if (aps.apsc.cancelProcessing) { aps.apsc.cancelProcessing(); }
    };
  }

  ox.views["suwizard.new"] = function (place, panel) {
    const aps = panel.aps;
    const tenant = aps.context.vars.tenant;
    const params = aps.context.params || {};
    const wrong = element("div");
    const stay = staying(aps, wrong);
    let fields = null;
    aps.app = aps.app || {};
    aps.app.onNext = function () {
      if (!fields) { return stay(); }
      return made(fields, tenant).then(function (resource) {
        if (!resource) { return stay(); }
        return aps.apsc.next({ objects: [resource], userAttr: "user" });
      }).catch(stay);
    };
    aps.app.onSubmit = aps.app.onNext;
    return shown(place, _("Open-Xchange"), function () { return ox.ground(panel.call, tenant); }, function (ground, inner) {
      const before = (params.objects || []).find(function (one) { return one.aps && one.aps.type === ox.type("user"); });
      fields = ox.userFields(ground);
      fields.choose([params.user], before);
      inner.replaceChildren.apply(inner, fields.parts.concat(wrong));
    });
  };

  /* UX1 hands over one user or several; several get the same profile, and their logins as addresses. */
  ox.views["suwizard.new/2"] = function (place, panel) {
    const aps = panel.aps;
    const tenant = aps.context.vars.tenant;
    return shown(place, _("Open-Xchange"), function () {
      return Promise.all([ox.ground(panel.call, tenant), Promise.resolve(aps.biz.getResourcesToBind())]);
    }, function (found, inner) {
      const people = (found[1] && found[1].users) || [];
      const fields = ox.userFields(found[0], people.length);
      const wrong = element("div");
      const stay = staying(aps, wrong);
      fields.choose(people);
      inner.replaceChildren.apply(inner, fields.parts.concat(wrong));
      function request(resource) {
        const operations = people.map(function (person) {
          const own = person.aps && person.aps.id ? { user: ox.link(person) } : {};
          return { provision: Object.assign({}, resource, own) };
        });
        return Promise.resolve(aps.biz.requestUsageChange({
          subscriptionId: tenant.aps.subscription,
          deltas: [{ apsType: ox.type("user"), delta: people.length }],
          operations: operations
        })).then(function () { aps.apsc.next(); });
      }
      aps.app.bind = function () {
        return made(fields, tenant).then(function (resource) { return resource ? request(resource) : stay(); }).catch(stay);
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

  const POLL_MILLISECONDS = 3000;
  const POLL_LATER_MILLISECONDS = 10000;
  const SOON_MILLISECONDS = 60000;
  const LONGEST_MILLISECONDS = 300000;
  const UNUSUAL_MILLISECONDS = 90000;  // an endpoint is asked at least once a minute, and each answer changes the resource
  const MOVING = ["aps:provisioning", "aps:configuring", "aps:unprovisioning"];

  ox.leaves = function (resource) { return ["aps:deleted", "aps:unprovisioning"].includes(resource.aps.status); };

  /* As the application tells it. Of one that it refused to make, a controller may keep no word; `isUnusual` is for those. */
  function hasFailed(user) {
    const isBeingChanged = ["aps:configuring", "aps:unprovisioning"].includes(user.aps.status);
    return !isBeingChanged && (user.status === "error" || Boolean(user.problem && !user.status));
  }

  function isMoving(user) {
    return !hasFailed(user) && (MOVING.includes(user.aps.status) || !user.status || user.status === "in_progress");
  }

  /* Whether it is being made for so long that something is likely to be wrong. */
  function isUnusual(user) {
    const since = Date.parse(user.aps.modified || "");
    return user.aps.status === "aps:provisioning" && Date.now() - since > UNUSUAL_MILLISECONDS;
  }

  ox.needsMending = function (user) { return hasFailed(user) || isUnusual(user); };

  /* Another attempt, with what was corrected. What was never made is made anew: a controller changes only what is there. */
  ox.tryAgain = function (call, tenant, user, resource) {
    const path = "/" + user.aps.id;
    if (user.aps.status === "aps:provisioning") {
      const anew = Object.assign({}, resource, { user: { aps: { id: ox.linked(user, "user") } } });
      return call("DELETE", path).then(function () {
        return call("POST", "/" + tenant.aps.id + "/users", anew, tenant.aps.subscription);
      });
    }
    const profile = ox.linked(resource, "profile");
    const given = profile === ox.linked(user, "profile") ? Promise.resolve() : call("POST", path + "/profile", resource.profile);
    return given.then(function () {
      return call("PUT", path, {
        aps: { id: user.aps.id, type: ox.type("user") }, ox: true,
        primaryAddress: resource.primaryAddress, aliases: resource.aliases
      });
    });
  };

  function state(user) {
    const words = {
      enabled: _("Enabled"), disabled: _("Disabled"), in_progress: _("In progress"), error: _("Error")
    };
    if (hasFailed(user)) { return words.error; }
    return isMoving(user) ? words.in_progress : words[user.status] || user.status;
  }

  function told(user, profiles) {
    return ox.facts([
      [_("Status"), state(user)],
      [_("Problem"), user.problem],
      [_("Profile"), profileName(profiles, user)],
      [_("Primary address"), user.primaryAddress],
      [_("Aliases"), (user.aliases || []).join(", ")]
    ]);
  }

  /* Looks again and again until look() answers false, the place is gone, or it has taken too long: then it gives up. */
  function watch(place, look, giveUp) {
    const began = Date.now();
    function seen() {
      if (!document.hidden) { return Promise.resolve(); }
      return new Promise(function (resolve) { document.addEventListener("visibilitychange", resolve, { once: true }); });
    }
    function next() {
      const age = Date.now() - began;
      if (age > LONGEST_MILLISECONDS) { giveUp(); return; }
      window.setTimeout(function () {
        seen().then(function () { return place.isConnected && look(); }).then(
          function (goesOn) { if (goesOn) { next(); } }, next
        );
      }, age < SOON_MILLISECONDS ? POLL_MILLISECONDS : POLL_LATER_MILLISECONDS);
    }
    next();
  }

  ox.views["suservice.view"] = function (place, panel) {
    const aps = panel.aps;
    const tenant = aps.context.vars.tenant;
    const person = (aps.context.params || {}).user || {};
    const id = person.aps ? person.aps.id : person;
    const again = function () { return ox.views["suservice.view"](place, panel); };

    /* act(): a Promise, of null where something is wrong at a field. */
    function saving(wrong, act) {
      return function (event) {
        event.preventDefault();
        wrong.replaceChildren(ox.waiting(_("Saving …")));
        act().then(function (done) {
          if (done === null) { wrong.replaceChildren(); } else { again(); }
        }).catch(function (error) { wrong.replaceChildren(ox.notice(ox.message(error))); });
      };
    }

    /* A form with the fields; act(resource): what becomes of them. */
    function form(fields, act, sentence, label, more) {
      const wrong = element("div");
      const save = function () {
        return made(fields, tenant).then(function (resource) { return resource && act(resource); });
      };
      return element("form", { novalidate: true, onsubmit: saving(wrong, save) }, [
        element("p", { text: sentence }), element("div", { class: "ox-fields" }, fields.parts), wrong,
        element("div", { class: "ox-buttons" }, [
          element("button", { type: "submit", class: "ox-button ox-first", text: label }), more
        ])
      ]);
    }

    function withoutOx(inner, ground) {
      const fields = ox.userFields(ground);
      fields.choose([person]);
      inner.replaceChildren(form(fields, function (resource) {
        resource.user = { aps: { id: id } };
        return panel.call("POST", "/" + tenant.aps.id + "/users", resource, tenant.aps.subscription);
      }, _("This user does not have Open-Xchange yet."), _("Enable Open-Xchange")));
    }

    function remove(user) {
      const sentence = _("What __NAME__ has in Open-Xchange is deleted: mail, calendar and files. The user stays.",
        { NAME: ox.nameOf(person) || user.primaryAddress || "" });
      ox.dialog(_("Remove Open-Xchange"), [element("p", { text: sentence })], _("Remove"), function () {
        return panel.call("DELETE", "/" + user.aps.id).then(function () { again(); });
      });
    }

    function toMend(inner, user, ground) {
      const fields = ox.userFields(ground);
      fields.choose([person], user);
      const sentence = hasFailed(user) ? _("Correct what is wrong and try again, or remove Open-Xchange and begin anew.")
        : _("This takes unusually long. Wait, or correct what may be wrong and try again.");
      inner.replaceChildren(told(user, ground.profiles), form(fields, function (resource) {
        return ox.tryAgain(panel.call, tenant, user, resource);
      }, sentence, _("Try again"), ox.button(_("Remove Open-Xchange"), function () { remove(user); })));
    }

    function withOx(inner, user, ground) {
      const wrong = element("div");
      const enable = function () {
        return panel.call("PUT", "/" + user.aps.id, { aps: { id: user.aps.id, type: ox.type("user") }, ox: true });
      };
      inner.replaceChildren(told(user, ground.profiles), wrong, element("div", { class: "ox-buttons" }, [
        user.ox === false ? ox.button(_("Enable Open-Xchange"), saving(wrong, enable), { class: "ox-button ox-first" }) : null,
        ox.button(_("All users"), function () { aps.apsc.gotoView("http://oxherd.example/aps#users"); })
      ]));
    }

    function watched(inner, user, ground) {
      watch(inner, function () {
        return panel.call("GET", "/" + user.aps.id).then(function (now) {
          const goesOn = isMoving(now) && !ox.needsMending(now);
          if (!goesOn) { again(); }
          return goesOn;
        }, function (error) {
          if ((error.response || {}).status === 404) { again(); return false; }
          return true;
        });
      }, function () { toMend(inner, user, ground); });
    }

    return shown(place, _("Open-Xchange"), function () {
      return Promise.all([
        panel.call("GET", "?implementing(" + ox.type("user") + "),eq(user.aps.id," + id + ")"),
        ox.ground(panel.call, tenant)
      ]);
    }, function (found, inner) {
      const user = found[0].find(function (one) { return ox.linked(one, "user") === id && one.aps.status !== "aps:deleted"; });
      if (!user) {
        withoutOx(inner, found[1]);
      } else if (ox.needsMending(user)) {
        toMend(inner, user, found[1]);
      } else {
        withOx(inner, user, found[1]);
        if (isMoving(user)) { watched(inner, user, found[1]); }
      }
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
