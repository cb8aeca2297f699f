/* Scanning: a scanner types a code and Enter, a phone reads it with its camera, a person types it.
   What came of it is heard, felt and said. A walk sends its scans one after the other, each with an id of its own, so
   that neither a double tap nor a bad network counts a piece twice. Without this script every form works as it is. */
(() => {
  "use strict";
  const { $, $$, words } = auftakt;
  const coarse = matchMedia("(pointer: coarse)").matches;

  /* Sound and touch. A browser lets a page sound after the first touch or key only. */
  let audio;
  const wake = () => {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!audio && Context) audio = new Context();
    if (audio?.state === "suspended") audio.resume().catch(() => {});
  };
  addEventListener("pointerdown", wake);
  addEventListener("keydown", wake);
  const tone = (pitch, from, lasts, shape) => {
    const source = audio.createOscillator(), volume = audio.createGain();
    source.type = shape; source.frequency.value = pitch;
    volume.gain.setValueAtTime(0.16, audio.currentTime + from);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + from + lasts);
    source.connect(volume).connect(audio.destination);
    source.start(audio.currentTime + from); source.stop(audio.currentTime + from + lasts);
  };
  const SOUNDS = {
    ok: [[1046, 0, 0.09, "sine"]],
    done: [[784, 0, 0.12, "sine"], [1046, 0.12, 0.2, "sine"]],
    bad: [[196, 0, 0.22, "square"], [147, 0.24, 0.34, "square"]],
  };
  const FELT = { ok: 30, done: [40, 60, 40], bad: [160, 80, 240] };
  const signal = (kind) => {
    document.documentElement.dataset.scanned = kind;
    document.dispatchEvent(new CustomEvent("scan:told", { detail: kind }));
    try { if (audio) (SOUNDS[kind] || []).forEach((notes) => tone(...notes)); } catch { /* no sound then */ }
    navigator.vibrate?.(FELT[kind] || 0);
  };

  /* The field keeps the focus, as a scanner types wherever it is; not while somebody is busy elsewhere. */
  const busyElsewhere = (field) => {
    const at = document.activeElement;
    return $("dialog[open]") || (at && at !== field && at.matches("input, select, textarea"));
  };
  const hold = (field) => { if (field && !field.closest("[hidden]") && !busyElsewhere(field)) field.focus({ preventScroll: true }); };
  const say = (place, text, kind) => {
    if (!place) return;
    place.className = `walk-said is-${kind}`;
    place.setAttribute("role", kind === "bad" ? "alert" : "status");
    const line = document.createElement("span");
    line.textContent = text;
    place.replaceChildren(auftakt.icon(kind === "bad" ? "warning" : "check"), line);
  };
  const newId = () => crypto.randomUUID ? crypto.randomUUID() : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16));

  /* A walk: scans wait in a row and are sent one at a time. */
  const walk = (root) => {
    const form = $(".walk-scan", root), field = $("[data-scan-input]", form), waiting = [];
    let sending = false;
    const step = () => $("#walk-step", root);
    const show = (answer) => {
      const holder = document.createElement("div");
      holder.innerHTML = answer.html;
      const fresh = holder.firstElementChild;
      step().replaceWith(fresh);
      form.hidden = !fresh.dataset.pick;
      form.elements.pick.value = fresh.dataset.pick;
      fresh.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: fresh } }));
      signal(answer.tone);
      hold(field);
    };
    const send = async () => {
      if (sending || !waiting.length) return;
      sending = true;
      const next = waiting[0];
      if (next.aims) next.body.set("pick", step().dataset.pick || "");
      try {
        const answer = await fetch(next.url, { method: "POST", body: next.body, headers: { "X-Scan": "1" }, credentials: "same-origin" });
        if (answer.redirected || answer.status === 401 || answer.status === 403) { location.reload(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        waiting.shift();
        next.asked = true;
        show(await answer.json());
      } catch {
        const place = $("[data-said]", step());
        if (navigator.onLine && next.tries++ > 2) { waiting.shift(); say(place, words.trouble, "bad"); signal("bad"); }
        else { say(place, words.offline, "bad"); signal("bad"); setTimeout(send, 3000); sending = false; return; }
      }
      sending = false;
      send();
    };
    const queue = (url, body, aims) => { waiting.push({ url, body, aims, tries: 0 }); send(); };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const code = field.value.trim();
      field.value = "";
      if (!code) return;
      const body = new FormData(form);
      body.set("code", code); body.set("scan", newId());
      queue(root.dataset.url, body, true);
    });
    root.addEventListener("submit", (event) => {
      const posted = event.target.closest("[data-walk-post]");
      if (!posted) return;
      event.preventDefault();
      const body = new FormData(posted);
      if (event.submitter?.name) body.set(event.submitter.name, event.submitter.value);
      posted.closest("dialog")?.close();
      $$("button", posted).forEach((button) => { button.disabled = true; });
      queue(posted.action, body, false);
    });
    addEventListener("online", send);
    addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
    hold(field);
    document.addEventListener("close", () => hold(field), true);
  };

  /* Counting up on the page: receiving and counting. The codes stand on the rows. */
  const bare = (code) => {
    const read = code.trim().replace(/^\u001d/, "").replace(/^\][A-Za-z]\d/, "");
    const inside = read.match(/^\(?01\)?(\d{14})/);
    const plain = (inside ? inside[1] : read).toUpperCase();
    return /^\d+$/.test(plain) ? plain.replace(/^0+/, "") : plain;
  };
  const countUp = (root) => {
    const form = $("[data-scan-form]", root);
    if (!form) return;
    const field = $("[data-scan-input]", form), place = $("[data-said]", root);
    const number = (text) => Number(text.replace(/\s/g, "").replace(",", ".")) || 0;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const code = field.value.trim();
      field.value = "";
      if (!code) return;
      const row = $$("[data-codes]", root).find((each) => each.dataset.codes.split("|").some((known) => known && bare(known) === bare(code)));
      if (!row) { say(place, root.dataset.unknown.replace("{}", code.slice(0, 40)), "bad"); signal("bad"); hold(field); return; }
      const input = $("input:not([type=hidden])", row), next = number(input.value) + 1, most = Number(input.dataset.most || Infinity);
      $$(".is-here", root).forEach((each) => each.classList.remove("is-here"));
      row.classList.add("is-here");
      row.scrollIntoView({ block: "center", behavior: "auto" });
      if (next > most) { say(place, root.dataset.tooMuch.replace("{}", most), "bad"); signal("bad"); }
      else {
        input.value = String(next).replace(".", document.documentElement.lang === "de" ? "," : ".");
        say(place, `${row.dataset.name}: ${root.dataset.counted.replace("{}", next)}`, "ok");
        signal("ok");
      }
      hold(field);
    });
    root.addEventListener("click", (event) => {
      if (!event.target.closest("[data-fill-all]")) return;
      $$("input[data-most]", root).forEach((input) => { input.value = input.dataset.most.replace(".", document.documentElement.lang === "de" ? "," : "."); });
    });
    hold(field);
  };

  /* The camera, where the browser reads barcodes itself. */
  const FORMATS = ["ean_13", "ean_8", "upc_a", "code_128", "qr_code", "itf", "code_39", "data_matrix"];
  const camera = async (field) => {
    const dialog = $("#scan-camera"), video = $("video", dialog), none = $("[data-no-camera]", dialog);
    let stream, on = true, last = "", lastAt = 0;
    none.hidden = true;
    dialog.showModal();
    const end = () => { on = false; stream?.getTracks().forEach((track) => track.stop()); video.srcObject = null; hold(field); };
    dialog.addEventListener("close", end, { once: true });
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (!on) { end(); return; }
      video.srcObject = stream;
      await video.play();
      const offered = await BarcodeDetector.getSupportedFormats?.() || FORMATS;
      const detector = new BarcodeDetector({ formats: FORMATS.filter((format) => offered.includes(format)) });
      const look = async () => {
        if (!on) return;
        const [found] = await detector.detect(video).catch(() => []);
        const at = performance.now();
        if (found && (found.rawValue !== last || at - lastAt > 2500)) {
          last = found.rawValue; lastAt = at;
          field.value = found.rawValue;
          const into = field.closest("[data-scan=into]");
          dialog.close();
          if (into) signal("ok"); else field.form.requestSubmit();
          return;
        }
        setTimeout(look, 120);
      };
      look();
    } catch { none.hidden = false; }
  };

  auftakt.each("[data-scan-input]", (field) => {
    const beside = field.closest("form"), typeIt = $("[data-scan-type]", beside), open = $("[data-scan-camera]", beside);
    if (typeIt && coarse) { /* the keyboard of a phone stays away until it is asked for */
      field.inputMode = "none";
      typeIt.hidden = false;
      typeIt.addEventListener("click", () => { field.inputMode = "text"; field.blur(); field.focus(); });
    }
    if (open && "BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia) {
      open.hidden = false;
      open.addEventListener("click", () => camera(field));
    }
  });
  auftakt.each("[data-scan=walk]", walk);
  auftakt.each("[data-scan=countup]", countUp);
  document.addEventListener("click", (event) => {
    const field = $("[data-scan=walk] [data-scan-input], [data-scan=countup] [data-scan-form] [data-scan-input]");
    if (field && !event.target.closest("a, button, input, select, textarea, label, summary, dialog")) hold(field);
  });
})();
