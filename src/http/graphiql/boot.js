// Runs in the browser, in front of GraphiQL. `YogaGraphiQL` and `longhaulExamples` come with the page.
(() => {
  const storage = window.sessionStorage;
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  const headers = JSON.stringify({ Authorization: `Bearer ${key ?? 'paste-your-key-here'}` }, null, 2);

  if (key !== null) {
    // Out of the address bar and the history, so that a copied link or a shared screen does not give the key away.
    history.replaceState(null, '', location.pathname + location.search);
    useKeyInOpenTabs();
  }

  // Tabs of an earlier visit keep their operations and get the new key.
  function useKeyInOpenTabs() {
    storage.setItem('graphiql:headers', headers);
    const saved = JSON.parse(storage.getItem('graphiql:tabState') ?? 'null');
    if (saved === null) return;
    for (const tab of saved.tabs) tab.headers = headers;
    storage.setItem('graphiql:tabState', JSON.stringify(saved));
  }

  YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
    title: 'Longhaul',
    logo: '<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path d="M2 17h3l3-9 4 12 4-16 3 13h3" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>',
    endpoint: '/graphql',
    // The same headers go with subscriptions, which a WebSocket in a browser could not carry.
    subscriptionsProtocol: 'SSE',
    defaultTabs: longhaulExamples.map((example) => ({ ...example, headers })),
    defaultHeaders: headers,
    // The key lives as long as this browser tab.
    storage,
    shouldPersistHeaders: true,
    // Without this, every edit is written into the address bar.
    onEditQuery: () => {},
  });
})();
