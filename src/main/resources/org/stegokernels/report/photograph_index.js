
"use strict";
// Without the two characters that XML gives a meaning to.
const list = document.getElementById("photographs");
const order = document.getElementById("order");
const byShare = order.querySelector("[value=share]");
const byConfidence = ["unsure", "sure"].map((value) => order.querySelector("[value=" + value + "]"));
const buttons = [...document.querySelectorAll("#classes button")];
const shown = document.getElementById("shown");
const names = new Intl.Collator(undefined, { numeric: true });
function byClass(text) {
  return new Map(text.split(" ").map((each) => each.split(":")));
}

const photographs = [...list.children].map((item) => ({
  item,
  name: item.dataset.name,
  confidence: Number(item.dataset.confidence),
  shares: byClass(item.dataset.shares),
  scores: byClass(item.dataset.scores),
}));
let chosen = null;

function share(photograph) {
  return chosen === null ? 0 : Number(photograph.shares.get(chosen.dataset.class) ?? 0);
}

function confidence(photograph) {
  return chosen === null ? photograph.confidence : Number(photograph.scores.get(chosen.dataset.class) ?? 0);
}

const orders = {
  name: (a, b) => names.compare(a.name, b.name),
  unsure: (a, b) => confidence(a) - confidence(b),
  sure: (a, b) => confidence(b) - confidence(a),
  share: (a, b) => share(b) - share(a),
};

function arrange() {
  byShare.disabled = chosen === null;
  byShare.textContent = "share of " + (chosen === null ? "the chosen class" : chosen.dataset.name);
  for (const [option, how] of [[byConfidence[0], "least"], [byConfidence[1], "most"]]) {
    option.textContent = how + " sure" + (chosen === null ? "" : " of " + chosen.dataset.name) + " first";
  }
  if (byShare.disabled) {
    order.value = order.value === "share" ? "name" : order.value;
  }
  photographs.sort(orders[order.value]);
  let count = 0;
  for (const photograph of photographs) {
    photograph.item.hidden = chosen === null ? false : share(photograph) === 0;
    count += photograph.item.hidden ? 0 : 1;
  }
  list.append(...photographs.map((photograph) => photograph.item));
  shown.textContent = (chosen === null ? "" : count + " of ") + photographs.length
    + (photographs.length === 1 ? " photograph" : " photographs")
    + (chosen === null ? "" : " with " + chosen.dataset.name);
}

function slide(input, value) {
  input.value = value;
  input.parentElement.style.setProperty("--at", value + "%");
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    chosen = chosen === button ? null : button;
    buttons.forEach((each) => each.setAttribute("aria-pressed", each === chosen));
    arrange();
  });
}
order.addEventListener("change", arrange);
document.getElementById("all").addEventListener("input", (event) => {
  list.querySelectorAll("input").forEach((input) => slide(input, event.target.value));
});
list.addEventListener("input", (event) => slide(event.target, event.target.value));
arrange();
