/** Who is not signed in sees the way in; who is, the pages. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { ErrorBoundary, LocationProvider, Route, Router, lazy } from 'preact-iso';
import { Shell } from './parts/shell.tsx';
import { PageFrame } from './parts/page.tsx';
import { Trouble } from './parts/trouble.tsx';
import { Overview } from './pages/overview.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { failureIn, type Failure } from './relay/failure.ts';
import { Relay } from './relay/relay.ts';
import { forgetSession, storedSession, storeSession, type Session } from './relay/session.ts';
import type { Me } from './relay/answers.ts';
import { SignedInContext } from './relay/use-call.ts';

const Sources = lazy(() => import('./pages/sources.tsx').then((page) => page.Sources));
const NewSource = lazy(() => import('./pages/new-source.tsx').then((page) => page.NewSource));
const SourcePage = lazy(() => import('./pages/source.tsx').then((page) => page.SourcePage));
const EditSource = lazy(() => import('./pages/source-edit.tsx').then((page) => page.EditSource));
const Hooks = lazy(() => import('./pages/hooks.tsx').then((page) => page.Hooks));
const NewHook = lazy(() => import('./pages/hook-edit.tsx').then((page) => page.NewHook));
const EditHook = lazy(() => import('./pages/hook-edit.tsx').then((page) => page.EditHook));
const HookPage = lazy(() => import('./pages/hook.tsx').then((page) => page.HookPage));
const Deliveries = lazy(() => import('./pages/deliveries.tsx').then((page) => page.Deliveries));
const DeliveryPage = lazy(() => import('./pages/delivery.tsx').then((page) => page.DeliveryPage));
const Events = lazy(() => import('./pages/events.tsx').then((page) => page.Events));
const EventPage = lazy(() => import('./pages/event.tsx').then((page) => page.EventPage));
const ReplayPage = lazy(() => import('./pages/replay.tsx').then((page) => page.ReplayPage));
const Live = lazy(() => import('./pages/live.tsx').then((page) => page.Live));
const Keys = lazy(() => import('./pages/keys.tsx').then((page) => page.Keys));
const Audit = lazy(() => import('./pages/audit.tsx').then((page) => page.Audit));
const Settings = lazy(() => import('./pages/settings.tsx').then((page) => page.Settings));
const SwitchesPage = lazy(() => import('./pages/switches.tsx').then((page) => page.SwitchesPage));
const Publisher = lazy(() => import('./pages/publisher.tsx').then((page) => page.Publisher));

const SIGNED_OUT = 'This key no longer works: it has expired or was revoked. Sign in with another one.';

export function App() {
  const [session, setSession] = useState<Session | null>(storedSession);
  const [me, setMe] = useState<Me | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);

  const signOut = useCallback((why: string | null) => {
    forgetSession();
    setSession(null);
    setMe(null);
    setNotice(why);
  }, []);
  const relay = useMemo(
    () => (session === null ? null : new Relay(session, () => signOut(SIGNED_OUT))),
    [session, signOut],
  );
  const signedIn = useMemo(() => (relay === null || me === null ? null : { relay, me }), [relay, me]);

  const askWho = useCallback(() => {
    if (relay === null) return;
    setFailure(null);
    relay.read<Me>('/v1/me').then(setMe, (error: unknown) => setFailure(failureIn(error)));
  }, [relay]);
  // A tab that was loaded again has its key still.
  useEffect(() => {
    if (me === null) askWho();
  }, [me, askWho]);

  if (session === null) {
    return (
      <SignIn
        notice={notice}
        onSignedIn={(entered, whose) => {
          storeSession(entered);
          setNotice(null);
          setMe(whose);
          setSession(entered);
        }}
      />
    );
  }
  if (signedIn === null) {
    return (
      <main id="main" class="sign-in">
        <h1>Posthorn</h1>
        {failure === null ? <p class="faint">Loading…</p> : <Trouble failure={failure} onRetry={askWho} />}
        {failure !== null && (
          <button type="button" onClick={() => signOut(null)}>
            Sign out
          </button>
        )}
      </main>
    );
  }
  return (
    <LocationProvider scope="/console">
      <SignedInContext.Provider value={signedIn}>
        <Shell me={signedIn.me} onSignOut={() => signOut(null)}>
          <ErrorBoundary onError={(error) => console.error(error)}>
            {signedIn.me.role === 'publisher' ? <Publisher /> : <Pages />}
          </ErrorBoundary>
        </Shell>
      </SignedInContext.Provider>
    </LocationProvider>
  );
}

function Pages() {
  return (
    <Router>
      <Route path="/console" component={Overview} />
      <Route path="/console/sources" component={Sources} />
      <Route path="/console/sources/new" component={NewSource} />
      <Route path="/console/sources/:id" component={SourcePage} />
      <Route path="/console/sources/:id/edit" component={EditSource} />
      <Route path="/console/hooks" component={Hooks} />
      <Route path="/console/hooks/new" component={NewHook} />
      <Route path="/console/hooks/:id" component={HookPage} />
      <Route path="/console/hooks/:id/edit" component={EditHook} />
      <Route path="/console/deliveries" component={Deliveries} />
      <Route path="/console/deliveries/:hook/:event" component={DeliveryPage} />
      <Route path="/console/events" component={Events} />
      <Route path="/console/events/:id" component={EventPage} />
      <Route path="/console/replay" component={ReplayPage} />
      <Route path="/console/live" component={Live} />
      <Route path="/console/keys" component={Keys} />
      <Route path="/console/audit" component={Audit} />
      <Route path="/console/settings" component={Settings} />
      <Route path="/console/switches" component={SwitchesPage} />
      <Route default component={NoSuchPage} />
    </Router>
  );
}

function NoSuchPage() {
  return (
    <PageFrame title="There is no such page">
      <p>
        Go to the <a href="/console">overview</a>.
      </p>
    </PageFrame>
  );
}
