/* For the provider: the accounts on Open-Xchange platforms, what is offered on each, and new ones of both. */
(function () {
  "use strict";

  const ox = window.oxherd;
  const _ = ox.text;
  const element = ox.element;
  const MEGABYTES = 1024;

  function quota(megabytes) {
    if (megabytes === undefined || megabytes === null) { return _("Unlimited"); }
    return megabytes < MEGABYTES ? megabytes + " MB" : Math.round(megabytes / MEGABYTES * 10) / 10 + " GB";
  }

  function table(heads, rows) {
    return element("div", { class: "ox-scroll", tabindex: "0", role: "region", "aria-label": heads[0] }, [
      element("table", { class: "ox-table" }, [
        element("thead", {}, [element("tr", {}, heads.map(function (head) {
          return element("th", { scope: "col", text: head });
        }))]),
        element("tbody", {}, rows.map(function (row) {
          return element("tr", {}, row.map(function (cell) { return element("td", { text: cell || "–" }); }));
        }))
      ])
    ]);
  }

  /* fields: property -> [label, kind, explanation, required]. Answers parts, and value(): the properties, or null. */
  function sheet(fields) {
    const shown = Object.keys(fields).map(function (name) {
      const given = fields[name];
      const input = Array.isArray(given.kind)
        ? element("select", {}, given.kind.map(function (one) { return element("option", { value: one[0], text: one[1] }); }))
        : element("input", {
          type: given.kind, required: Boolean(given.required), min: given.kind === "number" ? "0" : null,
          autocomplete: given.kind === "password" ? "new-password" : "off"
        });
      return [name, given.kind, ox.field(given.label, input, given.told)];
    });
    return {
      parts: shown.map(function (one) { return one[2].whole; }),
      value: function () {
        const found = {};
        let fits = true;
        shown.forEach(function (one) {
          const input = one[2].input;
          const value = one[1] === "checkbox" ? input.checked : input.value.trim();
          const right = input.checkValidity() && !(input.required && value === "");
          one[2].complain(right ? "" : input.validationMessage || _("This is needed."));
          fits = fits && right;
          if (value !== "") { found[one[0]] = one[1] === "number" ? Number(value) : value; }
        });
        return fits ? found : null;
      }
    };
  }

  function brandFields() {
    return {
      name: { label: _("Name"), kind: "text", required: true },
      platform: { label: _("Platform"), kind: [["app_suite", "App Suite"], ["ox_cloud", "OX Cloud"]] },
      apiUrl: { label: _("API URL"), kind: "url", required: true, told: _("The address before /webservices.") },
      username: { label: _("Username"), kind: "text", required: true },
      password: { label: _("Password"), kind: "password", required: true }
    };
  }

  function profileFields(brands) {
    const counters = Array.from({ length: 8 }, function (nothing, place) {
      return ["OX_PROFILE_" + (place + 1), "OX Profile " + (place + 1)];
    });
    return {
      brand: { label: _("Brand"), kind: brands.map(function (brand) { return [brand.aps.id, brand.name]; }) },
      name: { label: _("Name"), kind: "text", required: true },
      accessCombination: {
        label: _("Feature level"), kind: "text", required: true, told: _("As the platform names it, such as groupware_standard.")
      },
      mailQuota: { label: _("Mail quota"), kind: "number", told: _("Megabytes. Leave it empty for unlimited.") },
      driveQuota: { label: _("Drive quota"), kind: "number", told: _("Megabytes. Leave it empty for unlimited.") },
      documents: { label: _("OX Documents"), kind: "checkbox" },
      guard: { label: _("OX Guard"), kind: "checkbox" },
      rank: { label: _("Rank"), kind: "number", told: _("Upgrades lead to a higher rank.") },
      counter: { label: _("Counter"), kind: counters, told: _("Says in a subscription how many users may have this profile.") }
    };
  }

  function form(place, title, sheet, save) {
    const wrong = element("div");
    const shown = element("details", { class: "ox-more" }, [
      element("summary", { text: title }),
      element("form", {
        novalidate: true,
        onsubmit: function (event) {
          event.preventDefault();
          const value = sheet.value();
          if (!value) { return; }
          wrong.replaceChildren(ox.waiting(_("Saving …")));
          save(value).then(place.reload, function (error) { wrong.replaceChildren(ox.notice(ox.message(error))); });
        }
      }, [
        element("div", { class: "ox-fields" }, sheet.parts), wrong,
        element("div", { class: "ox-buttons" }, [
          element("button", { type: "submit", class: "ox-button ox-first", text: _("Add") })
        ])
      ])
    ]);
    return shown;
  }

  function show(place, panel, app, brands, profiles) {
    const names = new Map(brands.map(function (brand) { return [brand.aps.id, brand.name]; }));
    const platforms = { app_suite: "App Suite", ox_cloud: "OX Cloud" };
    const addBrand = form(place, _("Add brand"), sheet(brandFields()), function (value) {
      return panel.call("POST", "/" + app.aps.id + "/brands", Object.assign({ aps: { type: ox.type("brand") } }, value));
    });
    const addProfile = brands.length ? form(place, _("Add profile"), sheet(profileFields(brands)), function (value) {
      const made = Object.assign({ aps: { type: ox.type("profile") } }, value, { brand: { aps: { id: value.brand } } });
      return panel.call("POST", "/" + value.brand + "/profiles", made);
    }) : null;
    place.replaceChildren(
      element("div", { class: "ox-bar" }, [element("h1", { text: _("Brands") })]),
      brands.length
        ? table([_("Name"), _("Platform"), _("API URL")], brands.map(function (one) {
          return [one.name, platforms[one.platform] || one.platform, one.apiUrl];
        }))
        : element("p", { text: _("No brand yet. A brand is an account on an Open-Xchange platform.") }),
      addBrand,
      element("div", { class: "ox-bar" }, [element("h2", { text: _("Profiles") })]),
      profiles.length
        ? table([_("Name"), _("Brand"), _("Feature level"), _("Mail quota"), _("Drive quota"), _("Counter")],
          profiles.map(function (one) {
            return [one.name, names.get(ox.linked(one, "brand")), one.accessCombination, quota(one.mailQuota),
              quota(one.driveQuota), one.counter];
          }))
        : element("p", { text: _("No profile yet. A profile is what a user gets: features and quotas.") }),
      addProfile || ""
    );
  }

  ox.views.provider = function (place, panel) {
    const app = panel.aps.context.vars.app;
    document.title = _("Brands");
    place.className = "ox-page ox-provider";
    place.reload = function () { return ox.views.provider(place, panel); };
    place.replaceChildren(ox.waiting(_("Loading …")));
    return Promise.all([
      ox.all(panel.call, "/" + app.aps.id + "/brands"),
      ox.all(panel.call, "?implementing(" + ox.type("profile") + "),sort(+rank)")
    ]).then(function (found) {
      show(place, panel, app, found[0], found[1]);
    }).catch(function (error) {
      place.replaceChildren(ox.notice(ox.message(error), place.reload));
    });
  };
}());
