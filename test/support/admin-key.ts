/** The admin key of the relay under test. */
export const TEST_ADMIN_KEY = 'test-admin-key-0123456789-0123456789';
