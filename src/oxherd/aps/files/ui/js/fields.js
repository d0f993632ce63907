/* Profile and addresses of a user: what can be chosen, and what is wrong with it before anybody is asked to do it. */
(function () {
  "use strict";

  const ox = window.oxherd;
  const _ = ox.text;
  const element = ox.element;
  const LONGEST_NAME = 200;
  const KNOWN_AT_ONCE = 1000;

  ox.bare = function (name) { return String(name || "").replace(/\.$/, "").toLowerCase(); };

  function domainOf(address) { return ox.bare(address.slice(address.lastIndexOf("@") + 1)); }

  function isAddress(text) {
    const email = element("input", { type: "email" });
    email.value = text;
    return Boolean(text) && email.checkValidity();
  }

  /* A value inside a query: the signs of the language are reserved too. */
  function encoded(value) {
    return encodeURIComponent(value).replace(/[!'()*]/g, function (sign) {
      return "%" + sign.charCodeAt(0).toString(16).toUpperCase();
    });
  }

  /* The addresses in a text, each once. */
  function lines(text) {
    const seen = new Set();
    return text.split(/[\s,;]+/).filter(function (one) {
      const same = one.toLowerCase();
      return one && !seen.has(same) && seen.add(same);
    });
  }

  /* What is offered to a tenant: its profiles, its domains, and its counters as they are now. */
  ox.ground = function (call, tenant) {
    return Promise.all([
      ox.profiles(call, tenant), ox.all(call, "/" + tenant.aps.id + "/domains"), call("GET", "/" + tenant.aps.id)
    ]).then(function (found) {
      return {
        call: call, profiles: found[0], tenant: Object.assign({}, tenant, found[2]),
        domains: found[1].filter(function (domain) { return !ox.leaves(domain); })
          .map(function (domain) { return ox.bare(domain.name); }).sort()
      };
    });
  };

  /* What a counter of the tenant leaves; as of the last time that the controller was told what is used. */
  function left(ground, name) {
    const counter = ground.tenant[name];
    const isLimited = counter && Number.isInteger(counter.limit) && counter.limit >= 0;
    return isLimited ? Math.max(0, counter.limit - (counter.usage || 0)) : Infinity;
  }

  /* count: for how many users it is chosen. */
  function option(ground, profile, count) {
    const name = profile.priceLabel ? profile.name + " (" + profile.priceLabel + ")" : profile.name;
    const free = left(ground, profile.counter);
    const told = free < count ? _("__PROFILE__, no seat is free", { PROFILE: name })
      : free < Infinity ? _("__PROFILE__, free seats: __COUNT__", { PROFILE: name, COUNT: free }) : name;
    return element("option", { value: profile.aps.id, text: told, disabled: free < count });
  }

  function missing(domain) {
    return _("__DOMAIN__ is not in Open-Xchange yet. Add it under Open-Xchange > Domains first.", { DOMAIN: domain });
  }

  /* Says that a domain has to be added first; with a button for that where it is one of the account's. */
  function missingNotice(ground, domain, added) {
    const whole = ox.notice(missing(domain));
    const names = "in(name,(" + encoded(domain) + "," + encoded(domain + ".") + "))";
    ground.call("GET", "?implementing(" + ox.ZONE + ")," + names).then(function (zones) {
      const zone = zones.find(function (one) { return ox.bare(one.name) === domain; });
      if (!zone) { return; }
      const add = ox.button(_("Add __DOMAIN__ to Open-Xchange", { DOMAIN: domain }), function () {
        const made = { aps: { type: ox.type("domain") }, name: domain, zone: ox.link(zone) };
        add.disabled = true;
        ground.call("POST", "/" + ground.tenant.aps.id + "/domains", made, ground.tenant.aps.subscription)
          .then(function () { added(domain); }, function (error) {
            add.disabled = false;
            whole.append(element("p", { text: ox.message(error) }));
          });
      });
      whole.append(add);
    }).catch(function () { /* the sentence says what to do */ });
    return whole;
  }

  /* A local part, and a choice of domains. */
  function addressField(ground) {
    const local = element("input", { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
    const domain = element("select", { "aria-label": _("Domain of the primary address") });
    const made = ox.field(_("Primary address"), local, _("Leave it empty to use the login."));
    const row = element("div", { class: "ox-address" });
    local.before(row);
    row.append(local, element("span", { "aria-hidden": "true", text: "@" }), domain);
    made.fill = function (wanted) {
      domain.replaceChildren.apply(domain, ground.domains.map(function (name) {
        return element("option", { value: name, text: name });
      }));
      if (ground.domains.includes(wanted)) { domain.value = wanted; }
    };
    /* An address whose domain is not among them stays as it is, and the check says what is wrong with it. */
    made.put = function (address) {
      const isHere = ground.domains.includes(domainOf(address));
      local.value = isHere ? address.slice(0, address.lastIndexOf("@")) : address;
      if (isHere) { domain.value = domainOf(address); }
    };
    made.value = function () {
      const typed = local.value.trim();
      return !typed || typed.includes("@") || !domain.value ? typed : typed + "@" + domain.value;
    };
    local.addEventListener("change", function () { if (local.value.includes("@")) { made.put(local.value.trim()); } });
    made.fill();
    return made;
  }

  /* Other users who may have one of the addresses, or the name. A large tenant is asked for those alone. */
  function others(ground, addresses, name) {
    const path = "/" + ground.tenant.aps.id + "/users?select(primaryAddress,aliases,login,displayName)";
    return ground.call("GET", path + ",limit(0," + KNOWN_AT_ONCE + ")").then(function (some) {
      if (some.length < KNOWN_AT_ONCE) { return some; }
      const asked = "in(primaryAddress,(" + addresses.map(encoded).join(",") + "))";
      const named = name ? ",eq(displayName," + encoded(name) + ")" : "";
      return ground.call("GET", path + ",or(" + asked + named + "),limit(0,25)").then(function (more) {
        return some.concat(more);
      });
    });
  }

  function takenBy(users, address) {
    const wanted = address.toLowerCase();
    return users.some(function (user) {
      return [user.primaryAddress, user.login].concat(user.aliases || []).some(function (one) {
        return String(one || "").toLowerCase() === wanted;
      });
    });
  }

  /* Profile, address and aliases. count: of users who get the profile; several have no addresses of their own here.
     choose(people, user): for whom it is, and what such a user has already. resource(): a Promise of what to make, or
     null where something is wrong, which then stands at its field. */
  ox.userFields = function (ground, count) {
    const several = count > 1;
    const profile = ox.field(_("Profile"), element("select", {}, ground.profiles.map(function (one) {
      return option(ground, one, count || 1);
    })));
    const address = addressField(ground);
    const aliases = ox.field(
      _("Aliases"), element("textarea", { rows: "2", spellcheck: "false" }), _("More addresses, one per line.")
    );
    const warnings = element("div", { class: "ox-warnings", "aria-live": "polite" });
    let people = [];
    let own = null;

    function nameOf() { return people.length === 1 ? ox.nameOf(people[0]) || "" : ""; }

    function propose() {
      const login = (people[0] && people[0].login) || "";
      const proposed = login.includes("@") ? login : (people[0] && people[0].email) || "";
      address.put(ground.domains.includes(domainOf(proposed)) ? proposed : proposed.split("@")[0]);
    }

    function added(domain) {
      const before = address.value();
      ground.domains = ground.domains.concat(domain).sort();
      address.fill(domain);
      address.put(own && before.includes("@") ? before : before.split("@")[0] + "@" + domain);
      [address, aliases].forEach(function (field) { field.complain(""); });
      warn();
    }

    /* The domains of logins that are not in Open-Xchange, and names that cannot be. Answers whether all is well. */
    function warn(more) {
      const logins = people.map(function (one) { return String(one.login || ""); });
      const domains = logins.filter(function (login) { return login.includes("@"); }).map(domainOf);
      const found = Array.from(new Set(domains)).filter(function (domain) { return !ground.domains.includes(domain); })
        .map(function (domain) { return missingNotice(ground, domain, added); });
      if (!ground.domains.length && !found.length) {
        found.push(ox.notice(_("No domain is in Open-Xchange yet. Add one under Open-Xchange > Domains first.")));
      }
      if (nameOf().length > LONGEST_NAME) {
        found.push(ox.notice(_("The display name is longer than 200 characters. Shorten it first.")));
      }
      if (!own && left(ground, "USERS") < (count || 1)) {
        found.push(ox.notice(_("The subscription has no room for more users. Remove one first, or order more.")));
      }
      if (more) { found.push(ox.notice(more)); }
      warnings.replaceChildren.apply(warnings, found);
      return !found.length;
    }

    function wrongAddress(one) {
      if (!isAddress(one)) { return _("__ADDRESS__ is no mail address.", { ADDRESS: one }); }
      return ground.domains.includes(domainOf(one)) ? "" : missing(domainOf(one));
    }

    function first(addresses, wrong) { return addresses.map(wrong).find(Boolean) || ""; }

    function wrongPrimary(primary) {
      if (!ground.domains.length) { return ""; } // there is none to choose yet, and the warning says so
      if (primary && !isAddress(primary)) { return _("Enter a mail address, such as name@example.com."); }
      return primary ? wrongAddress(primary) : "";
    }

    function wrongProfile() {
      if (!ground.profiles.length) { return _("No profile is offered here. Ask your provider for one."); }
      return profile.input.value ? "" : _("No seat is free. Choose another profile, or order more seats.");
    }

    /* Puts what is wrong at each field; answers whether all is well. */
    function fits(primary, more) {
      const wrong = [wrongProfile(), several ? "" : wrongPrimary(primary), several ? "" : first(more, wrongAddress)];
      [profile, address, aliases].forEach(function (field, number) { field.complain(wrong[number]); });
      return warn() && !wrong.some(Boolean);
    }

    /* As `fits`, by what other users have. */
    function isFree(users, primary, more) {
      const strangers = users.filter(function (user) { return !own || user.aps.id !== own.aps.id; });
      const taken = function (one) {
        return takenBy(strangers, one) ? _("Another user has __ADDRESS__ already.", { ADDRESS: one }) : "";
      };
      const wrong = [primary ? taken(primary) : "", first(more, taken)];
      const name = nameOf().toLowerCase();
      const double = name && strangers.some(function (user) { return String(user.displayName || "").toLowerCase() === name; });
      address.complain(wrong[0]);
      aliases.complain(wrong[1]);
      return warn(double ? _("Another user is called __NAME__ already. Give one of them another display name first.",
        { NAME: nameOf() }) : "") && !wrong.some(Boolean);
    }

    return {
      profile: profile.whole,
      parts: several ? [warnings, profile.whole] : [warnings, profile.whole, address.whole, aliases.whole],
      choose: function (those, user) {
        people = those.filter(Boolean);
        own = user && user.aps.id ? user : null;
        if (user) {
          const given = Array.from(profile.input.options).find(function (one) { return one.value === ox.linked(user, "profile"); });
          if (given) { given.disabled = false; profile.input.value = given.value; }
          aliases.input.value = (user.aliases || []).join("\n");
        }
        if (user && user.primaryAddress) { address.put(user.primaryAddress); } else { propose(); }
        warn();
      },
      resource: function () {
        const primary = several ? "" : address.value();
        const more = several ? [] : lines(aliases.input.value).filter(function (one) {
          return one.toLowerCase() !== primary.toLowerCase();
        });
        if (!fits(primary, more)) { return Promise.resolve(null); }
        const made = { aps: { type: ox.type("user") }, ox: true, aliases: more, profile: { aps: { id: profile.input.value } } };
        if (primary) { made.primaryAddress = primary; }
        if (several) { return Promise.resolve(made); }
        return others(ground, [primary].concat(more).filter(Boolean), nameOf()).then(function (users) {
          return isFree(users, primary, more) ? made : null;
        });
      }
    };
  };
}());
