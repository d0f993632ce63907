// Keeps the list of calls up to date while "Follow" is ticked and the page is seen.
const box = document.getElementById("follow");
box.closest("label").hidden = false;
box.checked = sessionStorage.getItem("follow") === "yes";
box.addEventListener("change", () => sessionStorage.setItem("follow", box.checked ? "yes" : "no"));

async function refresh() {
  if (!box.checked || document.hidden) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("calls").replaceWith(page.getElementById("calls"));
}

setInterval(() => refresh().catch(() => {}), 2000);
