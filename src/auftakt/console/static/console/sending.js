/* Forms: one click is one submit, ticks are counted, a stale token is renewed, nothing is sent into the void. */
(() => {
  "use strict";
  const { $, $$, words, cookie, open, toast } = auftakt;

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const token = $("input[name=csrfmiddlewaretoken]", form), fresh = cookie("csrftoken");
    if (token && fresh) token.value = fresh; // after a log-in in another tab
    if (event.defaultPrevented || form.method === "dialog" || form.hasAttribute("hx-post") || form.target === "_blank") return;
    if (!navigator.onLine) { event.preventDefault(); toast(words.offline, { level: "warning" }); return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => event.submitter?.classList.add("is-busy"));
  });
  addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    $$(".is-busy", form).forEach((button) => button.classList.remove("is-busy"));
  }));

  /* Ticks. */
  const count = (form) => {
    const ticked = $$(`input[name="${form.dataset.counts}"]:checked`, form).length;
    $$("[data-count]", form).forEach((place) => { place.textContent = ticked; });
    $$("[data-needs-tick]", form).forEach((button) => { button.disabled = ticked === 0; });
  };
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-all]");
    if (all) $$(`input[name="${all.dataset.all}"]`, all.form || document).forEach((box) => { box.checked = all.checked; });
    const form = event.target.closest("form[data-counts]");
    if (form) count(form);
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });
  auftakt.each("form[data-counts]", count);

  /* htmx: a fresh token, refusals are shown where they belong, trouble is told, an ended session loses nothing. */
  document.addEventListener("htmx:configRequest", (event) => { if (cookie("csrftoken")) event.detail.headers["X-CSRFToken"] = cookie("csrftoken"); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) open($("#session-ended"));
    else if (status !== 422 && !$(".toast.error")) toast(words.trouble, { level: "error" });
  });
})();
