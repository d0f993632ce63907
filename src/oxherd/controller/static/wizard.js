// A password that nobody has thought of, in both fields.
const SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_.+";
const generate = document.getElementById("generate");
generate.hidden = false;
generate.addEventListener("click", () => {
  const numbers = crypto.getRandomValues(new Uint32Array(16));
  const made = Array.from(numbers, (number) => SIGNS[number % SIGNS.length]).join("");
  for (const name of ["password", "confirm"]) {
    const field = document.getElementById(name);
    field.type = "text";
    field.value = made;
  }
});
