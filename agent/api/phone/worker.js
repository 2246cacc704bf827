// worker.js: keeps the page itself, so that it opens where the home cannot be reached. What the
// home answers is never kept here. Works once the phone trusts the home's certificate.
const SHELL = 'nestsync-shell';
const FILES = ['/', '/phone.css', '/phone.js', '/link.js', '/words.js', '/icon.svg', '/manifest.webmanifest'];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((kept) => kept.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

// The newest from the home, and what was kept when there is no way to it.
self.addEventListener('fetch', (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== 'GET' || !FILES.includes(path)) return;
  event.respondWith((async () => {
    const kept = await caches.open(SHELL);
    try {
      const fresh = await fetch(event.request);
      if (fresh.ok) await kept.put(path, fresh.clone());
      return fresh;
    } catch {
      return (await kept.match(path)) ?? Response.error();
    }
  })());
});
