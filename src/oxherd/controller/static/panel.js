// The panel around a view of a package: hands over the context, and does what the view asks of it.
const frame = document.querySelector("iframe[data-context]");
const messages = document.getElementById("messages");
const given = JSON.parse(frame.dataset.context);
const next = document.getElementById("next");

function say(message) {
  const line = document.createElement("p");
  line.className = message.type === "error" || message.type === "warning" ? "error" : "done";
  line.textContent = message.description || message.id || "";
  messages.append(line);
}

async function go(objects) {
  messages.replaceChildren();
  const answer = await fetch(frame.dataset.next, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(objects),
  });
  const told = await answer.json();
  if (answer.ok) location.assign(told.next);
  else { say({ type: "error", description: told.message }); next.disabled = false; }
}

const asked = {
  hello: () => frame.contentWindow.postMessage({ aps: "context", value: given }, location.origin),
  gotoView: (value) => location.assign(frame.dataset.views + encodeURIComponent(value.id.split("#").pop())),
  next: (value) => { if (frame.dataset.next) go(value); },
  prev: () => history.back(),
  cancelProcessing: () => { if (next) next.disabled = false; },
  displayMessage: say,
  removeMessages: () => messages.replaceChildren(),
  loading: (value) => frame.toggleAttribute("aria-busy", value),
  buttonState: () => {},
};

window.addEventListener("message", (event) => {
  if (event.origin !== location.origin || event.source !== frame.contentWindow) return;
  const work = asked[event.data.aps];
  if (work) work(event.data.value);
});
frame.src = frame.dataset.src;
if (next) {
  next.addEventListener("click", () => {
    next.disabled = true;
    frame.contentWindow.postMessage({ aps: "do", value: "onNext" }, location.origin);
  });
}
