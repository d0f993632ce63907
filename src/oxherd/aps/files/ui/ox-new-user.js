/* The step of UX1's wizard, which may be about several users at once: all of them get the same profile. */
define(["./js/view"], function (view) {
  "use strict";

  return view("suwizard.new/2", {
    onNext: function () { this.bind(); },
    onSubmit: function () { this.bind(); }
  });
});
