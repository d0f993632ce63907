/* The container into which the panel puts the views of this package. */
(function () {
  "use strict";

  require(["aps/PageContainer", "aps/ready!"], function (PageContainer) {
    new PageContainer({ id: "pageContainer" }, "page").startup();
  });
}());
