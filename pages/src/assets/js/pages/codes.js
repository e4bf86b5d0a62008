// While rates are typed or moved, tells what both get of a fee of 100 USD: in whole numbers, cut to 8 decimals, as the
// server does, and by its rule for what is typed: per cent, or a share below 1 with two decimals or more.
const MILLION = 1_000_000n;
const FEE = 100n * 100_000_000n;
const millionths = (text) => {
  const match = /^(\d+)(?:\.(\d+))?\s*(%?)$/.exec(text.trim());
  if (!match) return null;
  const [, whole, part = "", sign] = match;
  const isNothingBehind = /^0*$/.test(part);
  const isBelowOne = /^0+$/.test(whole);
  const isShare = !sign && isBelowOne && !isNothingBehind;
  if (isShare && part.length < 2) return null;
  if (!sign && /^0*1$/.test(whole) && isNothingBehind) return null;
  const places = isShare ? 6 : 4;
  const decimals = part.replace(/0+$/, "");
  if (decimals.length > places || whole.length > 9) return null;
  const rate = BigInt(whole) * 10n ** BigInt(places) + BigInt(decimals.padEnd(places, "0"));
  return rate <= MILLION ? rate : null;
};
// A rate as the server writes it: 12.5%.
const perCent = (rate) => {
  const decimals = String(rate % 10_000n).padStart(4, "0").replace(/0+$/, "");
  return `${rate / 10_000n}${decimals && `.${decimals}`}%`;
};
const usd = (units) => {
  const whole = String(units / 100_000_000n).replace(/\B(?=(\d{3})+$)/g, ",");
  const decimals = String(units % 100_000_000n).padStart(8, "0").replace(/0+$/, "");
  return `${whole}.${decimals.padEnd(2, "0")}`;
};
const baseOf = (row) => {
  const [whole, part = ""] = row.dataset.base.split(".");
  return BigInt(whole) * MILLION + BigInt(part.padEnd(6, "0"));
};
const tell = (row, field) => {
  const rebate = millionths(field?.value ?? "");
  const base = baseOf(row);
  const show = (who, text) => { row.querySelector(`[data-of="${who}"]`).textContent = text; };
  if (rebate === null) { show("referrer", "–"); show("friend", "–"); return; }
  if (rebate > base) { show("referrer", "–"); show("friend", "above your base rate"); return; }
  const friend = FEE * rebate / MILLION;
  show("friend", usd(friend));
  show("referrer", usd("suspended" in row.dataset ? 0n : FEE * base / MILLION - friend));
};
// A slider below the field moves between nothing and the base rate, in steps of half a per cent.
const slide = (row, field) => {
  const base = baseOf(row);
  if (!field || base === 0n) return;
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = "0";
  slider.max = String(base);
  slider.step = base % 5_000n === 0n ? "5000" : "1";
  slider.setAttribute("aria-label", `${field.labels?.[0]?.textContent ?? field.name}: slider`);
  const follow = () => {
    const rate = millionths(field.value);
    if (rate !== null) slider.value = String(rate);
    slider.setAttribute("aria-valuetext", field.value);
  };
  slider.addEventListener("input", (event) => {
    event.stopPropagation();
    field.value = perCent(BigInt(slider.value));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.addEventListener("input", follow);
  follow();
  field.after(slider);
};
for (const preview of document.querySelectorAll("[data-preview]")) {
  const form = preview.closest("form");
  const rows = [...preview.querySelectorAll("[data-rate]")].map((row) => [row, form.elements[row.dataset.rate]]);
  for (const [row, field] of rows) slide(row, field);
  form.addEventListener("input", () => { for (const [row, field] of rows) tell(row, field); });
}
for (const button of document.querySelectorAll("[data-no-script]")) button.hidden = true;
