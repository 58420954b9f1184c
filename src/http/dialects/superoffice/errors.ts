/** Refusals in SuperOffice's shape. What its API says beyond the relay's own problems has its status here. */
import { PROBLEMS, refusalFor, refusalHeaders, Refusal } from '../../problem.ts';

const ERROR_TYPES: Partial<Record<Refusal['code'], string>> = {
  invalid: 'ArgumentException',
  'not-found': 'SoNotFoundException',
  unauthorized: 'SoAuthenticationException',
  forbidden: 'SoSecurityException',
};

/** Thrown to end in a status that no problem of the native API has. */
export class OwnRefusal extends Error {
  override readonly name = 'OwnRefusal';
  readonly status: 412 | 421;

  constructor(status: OwnRefusal['status'], message: string) {
    super(message);
    this.status = status;
  }
}

export function badArgument(message: string): Refusal {
  return new Refusal('invalid', message);
}

/** `id` as the caller wrote it. */
export function noSuchWebhook(id: string): Refusal {
  return new Refusal('not-found', `Webhook id ${id} not found`);
}

export function errorAnswer(error: Error): Response {
  if (error instanceof OwnRefusal) {
    return Response.json(errorBody('Exception', error.message), { status: error.status });
  }
  const { code, message } = refusalFor(error);
  const [status] = PROBLEMS[code];
  const body = errorBody(ERROR_TYPES[code] ?? 'Exception', message);
  return Response.json(body, { status, headers: refusalHeaders(code) });
}

/** `allowed`: the methods that the resource has, sorted. */
export function methodNotAllowed(method: string, allowed: string): Response {
  const response = errorAnswer(
    new Refusal('method-not-allowed', `This resource has ${allowed}, not ${method}.`),
  );
  response.headers.set('allow', allowed);
  return response;
}

/** The vendor's pages put the text into ErrorMessage, its client reads Message: both carry it. */
function errorBody(type: string, message: string) {
  return {
    Error: true,
    ErrorType: type,
    ErrorMessage: message,
    Message: message,
    ErrorSource: 'SuperOffice.Services.Implementation',
  };
}
