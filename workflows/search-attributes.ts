/** The search attributes of our workflows as typed keys. They are set for people who look for a trade in the Temporal Web UI. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from './messages.js';

export const SYMBOL_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.symbol, SearchAttributeType.KEYWORD);
export const STRATEGY_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.strategy, SearchAttributeType.KEYWORD);
export const SIDE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.side, SearchAttributeType.KEYWORD);
export const STATE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.state, SearchAttributeType.KEYWORD);
