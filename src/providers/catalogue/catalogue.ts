/** The providers that are described as data. A new one is its file and its line here. */
import { adyen } from './adyen.ts';
import { airtable } from './airtable.ts';
import { asana } from './asana.ts';
import { awsSns } from './aws-sns.ts';
import { basic } from './basic.ts';
import { bigcommerce } from './bigcommerce.ts';
import { bitbucket } from './bitbucket.ts';
import { box } from './box.ts';
import { brevo } from './brevo.ts';
import { businessCentral } from './business-central.ts';
import { calendly } from './calendly.ts';
import { chargebee } from './chargebee.ts';
import { clerk } from './clerk.ts';
import { clickup } from './clickup.ts';
import { customerIo } from './customer-io.ts';
import { datadog } from './datadog.ts';
import { dataverse } from './dataverse.ts';
import { type Description } from './description.ts';
import { discordEvents } from './discord-events.ts';
import { discord } from './discord.ts';
import { docusign } from './docusign.ts';
import { dropbox } from './dropbox.ts';
import { eConomic } from './e-conomic.ts';
import { freshworks } from './freshworks.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { gocardless } from './gocardless.ts';
import { hmac } from './hmac.ts';
import { hubspot } from './hubspot.ts';
import { intercom } from './intercom.ts';
import { jiraConnect } from './jira-connect.ts';
import { jira } from './jira.ts';
import { launchdarkly } from './launchdarkly.ts';
import { lemonSqueezy } from './lemon-squeezy.ts';
import { linear } from './linear.ts';
import { mailgun } from './mailgun.ts';
import { meta } from './meta.ts';
import { microsoftGraph } from './microsoft-graph.ts';
import { mollie } from './mollie.ts';
import { monday } from './monday.ts';
import { mux } from './mux.ts';
import { netsuite } from './netsuite.ts';
import { notion } from './notion.ts';
import { odoo } from './odoo.ts';
import { okta } from './okta.ts';
import { openai } from './openai.ts';
import { paddle } from './paddle.ts';
import { pagerduty } from './pagerduty.ts';
import { paypal } from './paypal.ts';
import { paystack } from './paystack.ts';
import { pipedrive } from './pipedrive.ts';
import { polar } from './polar.ts';
import { postmark } from './postmark.ts';
import { quickbooks } from './quickbooks.ts';
import { razorpay } from './razorpay.ts';
import { resend } from './resend.ts';
import { salesforce } from './salesforce.ts';
import { sendgrid } from './sendgrid.ts';
import { sentry } from './sentry.ts';
import { shopify } from './shopify.ts';
import { shopware } from './shopware.ts';
import { slack } from './slack.ts';
import { sparkpost } from './sparkpost.ts';
import { square } from './square.ts';
import { stripe } from './stripe.ts';
import { supabase } from './supabase.ts';
import { teams } from './teams.ts';
import { telnyx } from './telnyx.ts';
import { tokenHeader } from './token-header.ts';
import { trello } from './trello.ts';
import { twilio } from './twilio.ts';
import { twitch } from './twitch.ts';
import { typeform } from './typeform.ts';
import { urlSecret } from './url-secret.ts';
import { vercel } from './vercel.ts';
import { webflow } from './webflow.ts';
import { wise } from './wise.ts';
import { woocommerce } from './woocommerce.ts';
import { workos } from './workos.ts';
import { xero } from './xero.ts';
import { zendesk } from './zendesk.ts';
import { zohoBooks } from './zoho-books.ts';
import { zohoCrm } from './zoho-crm.ts';
import { zohoPayments } from './zoho-payments.ts';
import { zoom } from './zoom.ts';

export const CATALOGUE: readonly Description[] = [
  adyen,
  airtable,
  asana,
  awsSns,
  basic,
  bigcommerce,
  bitbucket,
  box,
  brevo,
  businessCentral,
  calendly,
  chargebee,
  clerk,
  clickup,
  customerIo,
  datadog,
  dataverse,
  discord,
  discordEvents,
  docusign,
  dropbox,
  eConomic,
  freshworks,
  github,
  gitlab,
  gocardless,
  hmac,
  hubspot,
  intercom,
  jira,
  jiraConnect,
  launchdarkly,
  lemonSqueezy,
  linear,
  mailgun,
  meta,
  microsoftGraph,
  mollie,
  monday,
  mux,
  netsuite,
  notion,
  odoo,
  okta,
  openai,
  paddle,
  pagerduty,
  paypal,
  paystack,
  pipedrive,
  polar,
  postmark,
  quickbooks,
  razorpay,
  resend,
  salesforce,
  sendgrid,
  sentry,
  shopify,
  shopware,
  slack,
  sparkpost,
  square,
  stripe,
  supabase,
  teams,
  telnyx,
  tokenHeader,
  trello,
  twilio,
  twitch,
  typeform,
  urlSecret,
  vercel,
  webflow,
  wise,
  woocommerce,
  workos,
  xero,
  zendesk,
  zohoBooks,
  zohoCrm,
  zohoPayments,
  zoom,
];
