import { type Description } from './description.ts';
import { jira } from './jira.ts';

const TOKEN = { header: 'authorization', prefix: 'JWT ' } as const;

export const jiraConnect: Description = {
  id: 'jira-connect',
  name: 'Jira (Connect app)',
  docs: 'https://developer.atlassian.com/cloud/jira/platform/understanding-jwt-for-connect-apps/',
  setup:
    'In the app’s descriptor: baseUrl is the option of that name, authentication is of type jwt, and the inbound URL stands for lifecycle.installed and for the webhooks. When the app is installed, Jira sends the shared secret, which becomes that of the source while it has none.',
  secret: { from: 'provider', label: 'Shared secret' },
  options: { baseUrl: { label: 'baseUrl of the app’s descriptor' } },
  recipe: {
    verify: [
      {
        scheme: 'jwt',
        algorithm: 'RS256',
        audience: '{option:baseUrl}',
        fetched: true,
        when: { body: '/eventType', equals: ['installed', 'uninstalled'] },
        signature: TOKEN,
      },
      { scheme: 'jwt', signature: TOKEN },
    ],
    handshake: [
      {
        when: [{ body: '/sharedSecret' }, { body: '/eventType', equals: 'installed' }],
        signed: true,
        keepsSecret: true,
        reply: { status: 204 },
      },
    ],
    // It holds the secret, or what the app is told of itself.
    ignore: [{ when: { body: '/eventType', equals: ['installed', 'uninstalled', 'enabled', 'disabled'] } }],
    event: jira.recipe.event,
  },
  keys: {
    named: TOKEN,
    isToken: true,
    url: 'https://connect-install-keys.atlassian.com/{value}',
    allowed: /^https:\/\/connect-install-keys\.atlassian\.com\/[0-9A-Za-z-]{1,100}$/,
  },
};
