/* Matching: what is ticked is summed while people type, in their notation; what remains stays on account. */
(() => {
  "use strict";
  const { $, $$ } = auftakt;
  const language = document.documentElement.lang === "de" ? "de-DE" : "en-GB";
  const comma = document.documentElement.lang === "de";

  const parse = (text) => {
    let plain = text.trim().replace(/[\s'\u00a0]/g, "");
    if (comma) {
      const grouped = plain.includes(".") && plain.split(",")[0].split(".").slice(1).every((part) => part.length === 3);
      if (plain.includes(",") || grouped) plain = plain.replaceAll(".", "").replace(",", ".");
    } else plain = plain.replaceAll(",", "");
    return plain && Number.isFinite(Number(plain)) ? Number(plain) : 0;
  };
  const cents = (value) => Math.round(value * 1000);
  const total = (box) => {
    const typed = document.querySelector("#payment-form [name=amount]");
    return cents(typed ? parse(typed.value) : Number(box.dataset.total));
  };
  const ticked = (row) => $("input[name=settle]", row).checked;

  const sum = (box) => {
    const money = new Intl.NumberFormat(language, { style: "currency", currency: box.dataset.currency || "EUR" });
    const rows = $$("tbody tr", box).filter((row) => $("input[name=settle]", row));
    const used = rows.reduce((so_far, row) => so_far + (ticked(row) ? cents(parse($(".amount", row).value)) : 0), 0);
    const rest = total(box) - used;
    rows.forEach((row) => $(".amount", row).classList.toggle("is-off", !ticked(row)));
    if ($("[data-settled]", box)) $("[data-settled]", box).textContent = money.format(used / 1000);
    $("[data-rest]", box).textContent = money.format(Math.max(rest, 0) / 1000);
    $("[data-too-much]", box).hidden = rest >= 0;
  };
  /* A tick takes what is open, as far as the money reaches; typing an amount ticks. */
  const tick = (box, row) => {
    if (!ticked(row)) return;
    const others = $$("tbody tr", box).filter((each) => each !== row && ticked(each));
    const left = total(box) - others.reduce((so_far, each) => so_far + cents(parse($(".amount", each).value)), 0);
    const open = cents(Number($(".amount", row).dataset.open));
    if (left > 0 && left < open) $(".amount", row).value = new Intl.NumberFormat(language, { minimumFractionDigits: 2, useGrouping: false }).format(left / 1000);
  };
  document.addEventListener("change", (event) => {
    const box = event.target.closest("[data-match]");
    if (!box) return;
    if (event.target.name === "settle") tick(box, event.target.closest("tr"));
    sum(box);
  });
  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-match]") || (event.target.name === "amount" && $("[data-match]"));
    if (!box) return;
    if (event.target.classList.contains("amount")) $("input[name=settle]", event.target.closest("tr")).checked = event.target.value.trim() !== "";
    sum(box);
  });
  auftakt.each("[data-match]", sum);
})();
