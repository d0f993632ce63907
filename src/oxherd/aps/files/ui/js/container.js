/* The container into which the panel puts the views of this package. */
(function () {
  "use strict";

  require(["aps/load", "aps/ready!"], function (load) {
    load(["aps/PageContainer"], "aps-frame");
  });
}());
