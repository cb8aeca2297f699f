/* Keeps the public files and one page that says the line is gone. Pages, answers and names are never kept. */
self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const kept = await caches.open(KEPT.cache);
    const ask = (url) => new Request(url, { credentials: "omit", cache: "reload" });
    await kept.addAll([...KEPT.files, KEPT.offline].map(ask));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("auftakt-") && name !== KEPT.cache).map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

/* What was sent and did not arrive is not sent again by a reload: the way leads back to the page with the form. */
const page = async (request) => {
  try { return await fetch(request); }
  catch {
    if (request.method !== "GET") return Response.redirect(request.referrer || "/console/", 303);
    return (await caches.match(KEPT.offline)) || Response.error();
  }
};
const file = async (request) => {
  try { return await fetch(request); }
  catch { return (await caches.match(request, { ignoreSearch: true })) || Response.error(); }
};
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request));
  else if (event.request.method === "GET" && KEPT.files.includes(url.pathname)) event.respondWith(file(event.request));
});
