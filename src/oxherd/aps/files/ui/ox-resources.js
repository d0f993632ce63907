define(["./js/view"], function (view) {
  "use strict";

  return view("resources");
});
