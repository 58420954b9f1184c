import { JIRA_KEY_URL } from './sender-keys.ts';
import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'the installation, which brings the secret',
    vector: 'own',
    secret: null,
    options: { baseUrl: 'https://relay.example.com/in/token' },
    keyUrl: JIRA_KEY_URL,
    headers: {
      'content-type': 'application/json',
      authorization:
        'JWT eyJraWQiOiI5YjFmMGMyZS03YTVkLTRkMGItOGI1Ni0wZjZjNGY2ZDFhMTEiLCJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL3JlbGF5LmV4YW1wbGUuY29tL2luL3Rva2VuIiwic3ViIjoiNmMxYTVmNGUiLCJpc3MiOiI2YzFhNWY0ZS0yYTcwLTNiOGUtOWQ1ZS0xYjVmNWEzZTFjMjIiLCJpYXQiOjE3OTM0OTExOTAsImV4cCI6NDEwMjQ0NDgwMH0.t7egmloSmyhUZPQ0PRGiOYXKrLkoW1G7d8PiHBd2yxjaR-xltKnYcKV-G3hUOWmp42FYa4JfkuB1-wT85-cpmVTsNhRQWhKlIjgh6MoJMLe-cA10Kvnp2pS1cewdthy5olyp9cNwt2ghRLHJYHuoNzRNqnGG6lejW34e0R1IowXXfzlaqJT57gJXIM72tHWiPqSaMN_0cJVosg20Fc1W_8h0ei3lRq0JuowQGc2wWipxv0eawYeLfhqXzy55BipZyq3lPLus4c86VNYP19DtNYJSsFmZRSq7sJ_V-Wds9ZqcyUbWFzUpUiRph7KgMZDuC-L90wxXHCv36ulsCwk84Q',
    },
    body: '{"key":"com.example.orders","clientKey":"6c1a5f4e-2a70-3b8e-9d5e-1b5f5a3e1c22","sharedSecret":"a-shared-secret-that-jira-made-for-this-site","baseUrl":"https://acme.atlassian.net","productType":"jira","eventType":"installed"}',
    becomes: {
      kind: 'handshake',
      status: 204,
      body: '',
      secret: 'a-shared-secret-that-jira-made-for-this-site',
    },
  },
  {
    what: 'a later one, which does not',
    vector: 'own',
    secret: 'a-shared-secret-that-jira-made-for-this-site',
    options: { baseUrl: 'https://relay.example.com/in/token' },
    keyUrl: JIRA_KEY_URL,
    headers: {
      'content-type': 'application/json',
      authorization:
        'JWT eyJraWQiOiI5YjFmMGMyZS03YTVkLTRkMGItOGI1Ni0wZjZjNGY2ZDFhMTEiLCJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL3JlbGF5LmV4YW1wbGUuY29tL2luL3Rva2VuIiwic3ViIjoiNmMxYTVmNGUiLCJpc3MiOiI2YzFhNWY0ZS0yYTcwLTNiOGUtOWQ1ZS0xYjVmNWEzZTFjMjIiLCJpYXQiOjE3OTM0OTExOTAsImV4cCI6NDEwMjQ0NDgwMH0.t7egmloSmyhUZPQ0PRGiOYXKrLkoW1G7d8PiHBd2yxjaR-xltKnYcKV-G3hUOWmp42FYa4JfkuB1-wT85-cpmVTsNhRQWhKlIjgh6MoJMLe-cA10Kvnp2pS1cewdthy5olyp9cNwt2ghRLHJYHuoNzRNqnGG6lejW34e0R1IowXXfzlaqJT57gJXIM72tHWiPqSaMN_0cJVosg20Fc1W_8h0ei3lRq0JuowQGc2wWipxv0eawYeLfhqXzy55BipZyq3lPLus4c86VNYP19DtNYJSsFmZRSq7sJ_V-Wds9ZqcyUbWFzUpUiRph7KgMZDuC-L90wxXHCv36ulsCwk84Q',
    },
    body: '{"key":"com.example.orders","clientKey":"6c1a5f4e-2a70-3b8e-9d5e-1b5f5a3e1c22","sharedSecret":"a-shared-secret-that-jira-made-for-this-site","baseUrl":"https://acme.atlassian.net","productType":"jira","eventType":"installed"}',
    becomes: { kind: 'test' },
  },
  {
    what: 'the installation of another app',
    vector: 'own',
    secret: null,
    options: { baseUrl: 'https://relay.example.com/in/token' },
    keyUrl: JIRA_KEY_URL,
    headers: {
      'content-type': 'application/json',
      authorization:
        'JWT eyJraWQiOiI5YjFmMGMyZS03YTVkLTRkMGItOGI1Ni0wZjZjNGY2ZDFhMTEiLCJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2Fub3RoZXIuZXhhbXBsZS5jb20iLCJpc3MiOiJ4IiwiaWF0IjoxNzkzNDkxMTkwLCJleHAiOjQxMDI0NDQ4MDB9.NB-bnhNqjH0QUwmd2S1PtAWfn4Ew4gcFJC84BJerkmuZGCwUof1qF_QiHUAtQWZapJ6bwHTodfbN01H-5iJpiddGKhTwSXWIYSXaurrWPI5IJiPHCuTFpfC0gkrcXNFBnfqYsy1HkqtkY0NN8Szwsj6QhZVjaK1R5G6egobsCr1__Uhk0tyu5w9GUAVwQLvjAIWIxrrm1ju4jeHwX_KOvoqnqsEWH-LwGbV-fSp_coGMObXWGMShiaq3HpGkkuJBuqYNNGYiEgnDlpQ2S3TJR61vyzFjOk3SpwIu8lo4D2llzbejOFczdhuHFL8AviyPFIfGIzSXf8VPcjdY8lxvbg',
    },
    body: '{"key":"com.example.orders","clientKey":"6c1a5f4e-2a70-3b8e-9d5e-1b5f5a3e1c22","sharedSecret":"a-shared-secret-that-jira-made-for-this-site","baseUrl":"https://acme.atlassian.net","productType":"jira","eventType":"installed"}',
    becomes: { kind: 'rejected' },
  },
  {
    what: 'an installation signed with the public key as if it were a secret',
    vector: 'own',
    secret: null,
    options: { baseUrl: 'https://relay.example.com/in/token' },
    keyUrl: JIRA_KEY_URL,
    headers: {
      'content-type': 'application/json',
      authorization:
        'JWT eyJraWQiOiI5YjFmMGMyZS03YTVkLTRkMGItOGI1Ni0wZjZjNGY2ZDFhMTEiLCJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL3JlbGF5LmV4YW1wbGUuY29tL2luL3Rva2VuIiwiaXNzIjoieCIsImlhdCI6MTc5MzQ5MTE5MCwiZXhwIjo0MTAyNDQ0ODAwfQ.nHls-AUkJAhwpIVM40nFPeXHbHw7SEvQtwjKn74dHi8',
    },
    body: '{"key":"com.example.orders","clientKey":"6c1a5f4e-2a70-3b8e-9d5e-1b5f5a3e1c22","sharedSecret":"a-shared-secret-that-jira-made-for-this-site","baseUrl":"https://acme.atlassian.net","productType":"jira","eventType":"installed"}',
    becomes: { kind: 'rejected' },
  },
  {
    what: 'a changed issue',
    vector: 'own',
    secret: 'a-shared-secret-that-jira-made-for-this-site',
    options: { baseUrl: 'https://relay.example.com/in/token' },

    headers: {
      'content-type': 'application/json',
      authorization:
        'JWT eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiI2YzFhNWY0ZS0yYTcwLTNiOGUtOWQ1ZS0xYjVmNWEzZTFjMjIiLCJpYXQiOjE3OTM0OTExOTAsImV4cCI6NDEwMjQ0NDgwMCwicXNoIjoiNmRmYjU4MzIxNjkyZDA4ZDQ0NTY1ZDEzMzE4NDZmYzI0ZTdkYzA4YjMzMjU5ZDI2MmY0ZWZmNzliMjFkOGUwNSJ9.6r3ghrS04LiIe8-o95yne-RfMxjQ6CnI9ys_seCZqQE',
    },
    body: '{"timestamp":1793491198000,"webhookEvent":"jira:issue_updated","user":{"accountId":"5b10a2844c20165700ede21g"},"issue":{"id":"10002","key":"ACME-17","fields":{"summary":"Send the order"}}}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [{ type: 'jira-connect.issue.updated', subject: 'issue/ACME-17', event: 'jira:issue_updated' }],
    },
  },
  {
    what: 'the same before there is a secret',
    vector: 'none',
    secret: null,
    options: { baseUrl: 'https://relay.example.com/in/token' },

    headers: {
      'content-type': 'application/json',
      authorization:
        'JWT eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiI2YzFhNWY0ZS0yYTcwLTNiOGUtOWQ1ZS0xYjVmNWEzZTFjMjIiLCJpYXQiOjE3OTM0OTExOTAsImV4cCI6NDEwMjQ0NDgwMCwicXNoIjoiNmRmYjU4MzIxNjkyZDA4ZDQ0NTY1ZDEzMzE4NDZmYzI0ZTdkYzA4YjMzMjU5ZDI2MmY0ZWZmNzliMjFkOGUwNSJ9.6r3ghrS04LiIe8-o95yne-RfMxjQ6CnI9ys_seCZqQE',
    },
    body: '{"timestamp":1793491198000,"webhookEvent":"jira:issue_updated","user":{"accountId":"5b10a2844c20165700ede21g"},"issue":{"id":"10002","key":"ACME-17","fields":{"summary":"Send the order"}}}',
    becomes: { kind: 'rejected' },
  },
];
