/**
 * Templates to start from: one line about the event, in the form that a messenger takes. The line knows the relay's
 * own notices and says of any other event what it is and where it is from.
 */
import type { TemplateText } from './template.ts';

export interface ReadyTemplate {
  readonly id: string;
  readonly name: string;
  /** What kind of URL the hook needs. */
  readonly description: string;
  readonly template: TemplateText;
}

/** What each of the relay's notices says. `who` is the hook or source, `why` what went wrong, `event` what it was. */
const NOTICES: Readonly<Record<string, string>> = {
  'posthorn.hook.failing': '🟠 {{ who }} is failing{{ since }}{{ why }}.',
  'posthorn.hook.disabled':
    '🔴 {{ who }} is disabled{{ since }}{{ why }}. Its deliveries are held until it is resumed.',
  'posthorn.hook.recovered': '🟢 {{ who }} delivers again.',
  'posthorn.hook.backlog': '🟠 {{ who }} has deliveries waiting{{ since }}{{ why }}.',
  'posthorn.hook.queue-full':
    '🔴 {{ who }} has a full queue{{ since }}: new events are skipped until there is room.',
  'posthorn.delivery.dead': '🔴 {{ who }} will not get {{ event }}{{ why }}.',
  'posthorn.source.rejecting': '🟠 {{ who }} refuses what is sent to it{{ since }}{{ why }}.',
  'posthorn.source.silent': '🟠 {{ who }} has sent nothing{{ since }}.',
  'posthorn.source.expiring':
    '🟠 {{ who }} will get nothing after {{ n.expiresAt | date: "%Y-%m-%d %H:%M" }} UTC unless it is renewed at the provider.',
  'posthorn.test': '🔵 {{ who }} is being tried: this is a test.',
};

/** Sets the variable `line`. */
const LINE = `{%- assign n = data.raw -%}
{%- capture line -%}
{%- if data.provider == "posthorn" -%}
{%- capture who -%}
{%- if n.hookId -%}Hook {{ n.hookId }}{% if n.hookName and n.hookName != "" %} ({{ n.hookName | truncate: 80 }}){% endif %}
{%- elsif n.sourceId -%}Source {{ n.sourceName | default: n.sourceId | truncate: 80 }}
{%- else -%}{{ subject | default: "The relay" }}{%- endif -%}
{%- endcapture -%}
{%- capture event -%}
{%- if n.eventType -%}{{ n.eventType }}{% if n.eventSubject %} of {{ n.eventSubject | truncate: 80 }}{% endif %}
{%- else -%}event {{ n.eventId }}{%- endif -%}
{%- endcapture -%}
{%- capture since -%}{% if n.since %} since {{ n.since | date: "%Y-%m-%d %H:%M" }} UTC{% endif %}{%- endcapture -%}
{%- capture why -%}
{%- if n.reason -%}: {{ n.reason }}{%- endif -%}
{%- if n.statusCode -%}, last answer {{ n.statusCode }}{%- elsif n.error -%}, last error {{ n.error }}{%- endif -%}
{%- endcapture -%}
{%- case type -%}
${Object.entries(NOTICES)
  .map(([type, text]) => `{%- when "${type}" -%}${text}`)
  .join('\n')}
{%- else -%}{{ type }}: {{ who }}
{%- endcase -%}
{%- else -%}{{ type }}{% if subject %}: {{ subject | truncate: 200 }}{% endif %} ({{ source | truncate: 200 }})
{%- endif -%}
{%- endcapture -%}
`;

const JSON_TYPE = 'application/json';

export const READY_TEMPLATES: readonly ReadyTemplate[] = [
  {
    id: 'slack',
    name: 'Slack',
    description:
      'The URL of an incoming webhook of a Slack app. Also understood by Mattermost and Rocket.Chat.',
    template: {
      contentType: JSON_TYPE,
      // Slack reads <…> as links and mentions, unless the three characters are escaped.
      body: `${LINE}{"text": {{ line | replace: "&", "&amp;" | replace: "<", "&lt;" | replace: ">", "&gt;" | json }}}`,
    },
  },
  {
    id: 'teams',
    name: 'Microsoft Teams',
    description: 'The URL of a Teams workflow that starts when a webhook request is received.',
    template: {
      contentType: JSON_TYPE,
      body: `${LINE}{
  "type": "message",
  "attachments": [
    {
      "contentType": "application/vnd.microsoft.card.adaptive",
      "content": {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{ "type": "TextBlock", "wrap": true, "text": {{ line | json }} }]
      }
    }
  ]
}`,
    },
  },
  {
    id: 'discord',
    name: 'Discord',
    description: 'The URL of a webhook of a Discord channel.',
    template: {
      contentType: JSON_TYPE,
      // Nobody is mentioned, whatever an event says.
      body: `${LINE}{"content": {{ line | truncate: 2000 | json }}, "allowed_mentions": {"parse": []}}`,
    },
  },
  {
    id: 'google-chat',
    name: 'Google Chat',
    description: 'The URL of a webhook of a Google Chat space.',
    template: {
      contentType: 'application/json; charset=utf-8',
      // <users/all> would mention everybody.
      body: `${LINE}{"text": {{ line | replace: "<", "‹" | replace: ">", "›" | json }}}`,
    },
  },
  {
    id: 'text',
    name: 'Plain text',
    description: 'One line of text, for any receiver.',
    template: { contentType: 'text/plain; charset=utf-8', body: `${LINE}{{ line }}` },
  },
];
