/* What is typed into an order is kept in its browser tab until the order is in (see lines.js). Here it is given up: when
   the order's page shows that it is in, and on log-out, in every tab. */
(() => {
  "use strict";
  const { $ } = auftakt;
  const forget = () => { document.dispatchEvent(new Event("auftakt:forget")); sessionStorage.clear(); };
  const sent = sessionStorage.getItem("auftakt-sent");
  if (sent && $("[data-order]")) { sessionStorage.removeItem(sent); sessionStorage.removeItem("auftakt-sent"); }
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[action$='/logout/']")) return;
    forget();
    localStorage.setItem("auftakt-logout", String(Date.now()));
    localStorage.removeItem("auftakt-logout");
  });
  addEventListener("storage", (event) => { if (event.key === "auftakt-logout") forget(); });
})();
