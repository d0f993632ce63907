// The wizard over the user's page. It only closes: nothing is loaded anew, as in App Suite.
const wizard = document.getElementById("wizard");
const before = document.activeElement;

window.simpleWizard = {
  close() {
    wizard.close();
    wizard.remove();
    history.replaceState(null, "", wizard.dataset.home);
  },
};

if (wizard.open) {
  wizard.close(); // open without script; with it, the rest of the page rests
  wizard.showModal();
}
wizard.querySelector("a").addEventListener("click", (event) => {
  event.preventDefault();
  window.simpleWizard.close();
});
