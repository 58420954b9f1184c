/** The providers that are described as data. A new one is its file and its line here. */
import { adyen } from './adyen.ts';
import { asana } from './asana.ts';
import { bigcommerce } from './bigcommerce.ts';
import { businessCentral } from './business-central.ts';
import { dataverse } from './dataverse.ts';
import { type Description } from './description.ts';
import { eConomic } from './e-conomic.ts';
import { freshworks } from './freshworks.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { gocardless } from './gocardless.ts';
import { hubspot } from './hubspot.ts';
import { intercom } from './intercom.ts';
import { jira } from './jira.ts';
import { linear } from './linear.ts';
import { microsoftGraph } from './microsoft-graph.ts';
import { netsuite } from './netsuite.ts';
import { notion } from './notion.ts';
import { odoo } from './odoo.ts';
import { pipedrive } from './pipedrive.ts';
import { quickbooks } from './quickbooks.ts';
import { salesforce } from './salesforce.ts';
import { shopify } from './shopify.ts';
import { shopware } from './shopware.ts';
import { slack } from './slack.ts';
import { square } from './square.ts';
import { stripe } from './stripe.ts';
import { teams } from './teams.ts';
import { woocommerce } from './woocommerce.ts';
import { xero } from './xero.ts';
import { zendesk } from './zendesk.ts';
import { zohoBooks } from './zoho-books.ts';
import { zohoCrm } from './zoho-crm.ts';
import { zohoPayments } from './zoho-payments.ts';

export const CATALOGUE: readonly Description[] = [
  adyen,
  asana,
  bigcommerce,
  businessCentral,
  dataverse,
  eConomic,
  freshworks,
  github,
  gitlab,
  gocardless,
  hubspot,
  intercom,
  jira,
  linear,
  microsoftGraph,
  netsuite,
  notion,
  odoo,
  pipedrive,
  quickbooks,
  salesforce,
  shopify,
  shopware,
  slack,
  square,
  stripe,
  teams,
  woocommerce,
  xero,
  zendesk,
  zohoBooks,
  zohoCrm,
  zohoPayments,
];
