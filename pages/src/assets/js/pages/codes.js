// While rates are entered, tells what both get of a fee of 100 USD: in whole numbers, cut to 8 decimals, as the server
// does.
const MILLION = 1_000_000n;
const FEE = 100n * 100_000_000n;
const millionths = (text) => {
  const match = /^(0|1)(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!match) return null;
  const rate = BigInt(match[1]) * MILLION + BigInt((match[2] ?? "").padEnd(6, "0"));
  return rate <= MILLION ? rate : null;
};
const usd = (units) => {
  const whole = String(units / 100_000_000n).replace(/\B(?=(\d{3})+$)/g, ",");
  const decimals = String(units % 100_000_000n).padStart(8, "0").replace(/0+$/, "");
  return `${whole}.${decimals.padEnd(2, "0")}`;
};
const tell = (row, form) => {
  const rebate = millionths(form.elements[row.dataset.rate]?.value ?? "");
  const base = millionths(row.dataset.base);
  const show = (who, text) => { row.querySelector(`[data-of="${who}"]`).textContent = text; };
  if (rebate === null) { show("referrer", "–"); show("friend", "–"); return; }
  if (rebate > base) { show("referrer", "–"); show("friend", "above your base rate"); return; }
  const friend = FEE * rebate / MILLION;
  show("friend", usd(friend));
  show("referrer", usd("suspended" in row.dataset ? 0n : FEE * base / MILLION - friend));
};
for (const preview of document.querySelectorAll("[data-preview]")) {
  const form = preview.closest("form");
  form.addEventListener("input", () => { for (const row of preview.querySelectorAll("[data-rate]")) tell(row, form); });
}
for (const button of document.querySelectorAll("[data-no-script]")) button.hidden = true;
