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
import type { Me } from './relay/shapes.ts';
import { SignedInContext } from './relay/use-call.ts';

const Hooks = lazy(() => import('./pages/hooks.tsx').then((page) => page.Hooks));

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
            <Router>
              <Route path="/console" component={Overview} />
              <Route path="/console/hooks" component={Hooks} />
              <Route default component={NoSuchPage} />
            </Router>
          </ErrorBoundary>
        </Shell>
      </SignedInContext.Provider>
    </LocationProvider>
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
