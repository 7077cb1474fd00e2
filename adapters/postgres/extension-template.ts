/**
 * The database that new ones are copied from where it exists: it holds the extensions that only a superuser may install, so that a
 * ledger which was restored under the bot's own role has them as well. Only the embedded server has one: there its extensions stay out
 * of dumps (embedded/postgres/create-cluster.ts), elsewhere they would make the next dump impossible to restore for that role.
 */
export const EXTENSION_TEMPLATE = 'bot_template';
