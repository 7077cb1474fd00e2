"""Independent witness: an unmodified pybit trades on the simulated exchange and must understand every answer.

Usage: pybit-witness.py HTTP_URL WS_URL   (key and secret in WITNESS_KEY and WITNESS_SECRET)
Exits 0 and prints one line per check; the first contradiction ends it with 1.
"""
import os
import sys
import threading
import time

import pybit._websocket_trading
import pybit.unified_trading
from pybit.exceptions import InvalidRequestError
from pybit.unified_trading import HTTP, WebSocket, WebSocketTrading

HTTP_URL, WS_URL = sys.argv[1], sys.argv[2]
KEY, SECRET = os.environ["WITNESS_KEY"], os.environ["WITNESS_SECRET"]
WAIT_SECONDS = 20
SYMBOL = "BTCUSDT"

pybit.unified_trading.PRIVATE_WSS = WS_URL + "/v5/private"
pybit.unified_trading.PUBLIC_WSS = WS_URL + "/v5/public/{CHANNEL_TYPE}"
pybit._websocket_trading.TRADE_WSS = WS_URL + "/v5/trade"


class Inbox:
    """Frames of one topic; a check waits for the first that satisfies it."""

    def __init__(self):
        self.frames, self.changed = [], threading.Condition()

    def __call__(self, frame):
        with self.changed:
            self.frames.append(frame)
            self.changed.notify_all()

    def wait(self, what, predicate):
        with self.changed:
            if not self.changed.wait_for(lambda: any(predicate(f) for f in self.frames), WAIT_SECONDS):
                raise SystemExit(f"FAILED {what}: not seen in {len(self.frames)} frames")
            return next(f for f in self.frames if predicate(f))


def check(what, truth):
    if not truth:
        raise SystemExit(f"FAILED {what}")
    print(f"ok {what}", flush=True)


def rows(frame):
    return frame["data"] if isinstance(frame["data"], list) else [frame["data"]]


def has_order(link, status):
    return lambda frame: any(r["orderLinkId"] == link and r["orderStatus"] == status for r in rows(frame))


session = HTTP(api_key=KEY, api_secret=SECRET)
session.endpoint = HTTP_URL

# Public lists
check("server time", abs(int(session.get_server_time()["result"]["timeSecond"]) - time.time()) < 5)
info = session.get_instruments_info(category="linear", symbol=SYMBOL)["result"]["list"][0]
check("instrument rules", info["lotSizeFilter"]["qtyStep"] == "0.001" and info["status"] == "Trading")
candles = session.get_kline(category="linear", symbol=SYMBOL, interval=60, limit=30)["result"]["list"]
check("candles come newest first", len(candles) == 30 and int(candles[0][0]) > int(candles[1][0]))
last = float(session.get_tickers(category="linear", symbol=SYMBOL)["result"]["list"][0]["lastPrice"])
book = session.get_orderbook(category="linear", symbol=SYMBOL, limit=5)["result"]
check("book encloses the last price", float(book["b"][0][0]) < last < float(book["a"][0][0]))
check("funding history", len(session.get_funding_rate_history(category="linear", symbol=SYMBOL, limit=3)["result"]["list"]) == 3)
check("risk ladder", session.get_risk_limit(category="linear", symbol=SYMBOL)["result"]["list"][0]["isLowestRisk"] == 1)

# Account
check("key may trade", session.get_api_key_information()["result"]["readOnly"] == 0)
check("wallet", float(session.get_wallet_balance(accountType="UNIFIED")["result"]["list"][0]["totalEquity"]) > 0)
check("account is unified, cross margin", session.get_account_info()["result"]["marginMode"] == "REGULAR_MARGIN")
check("fee rates", session.get_fee_rates(category="linear", symbol=SYMBOL)["result"]["list"][0]["takerFeeRate"] == "0.00055")

# Streams
order, execution, position, wallet = Inbox(), Inbox(), Inbox(), Inbox()
private = WebSocket(testnet=False, channel_type="private", api_key=KEY, api_secret=SECRET)
private.order_stream(order)
private.execution_stream(execution)
private.position_stream(position)
private.wallet_stream(wallet)
kline, ticker, depth, trades = Inbox(), Inbox(), Inbox(), Inbox()
public = WebSocket(testnet=False, channel_type="linear")
public.kline_stream(5, SYMBOL, kline)
public.ticker_stream(SYMBOL, ticker)
public.orderbook_stream(50, SYMBOL, depth)
public.trade_stream(SYMBOL, trades)

# Resting order: place, see, amend, cancel
far = round(last * 0.9, 1)
session.place_order(category="linear", symbol=SYMBOL, side="Buy", orderType="Limit", qty=0.01, price=far, orderLinkId="witness-rest")
order.wait("resting order on the stream", has_order("witness-rest", "New"))
check("open order by link id", len(session.get_open_orders(category="linear", symbol=SYMBOL, orderLinkId="witness-rest")["result"]["list"]) == 1)
session.amend_order(category="linear", symbol=SYMBOL, orderLinkId="witness-rest", qty="0.02")
order.wait("amended order on the stream", lambda f: any(r["orderLinkId"] == "witness-rest" and r["qty"] == "0.02" for r in rows(f)))
session.cancel_order(category="linear", symbol=SYMBOL, orderLinkId="witness-rest")
order.wait("cancelled order on the stream", has_order("witness-rest", "Cancelled"))
check("amend and cancel of a resting order", True)

try:
    session.place_order(category="linear", symbol=SYMBOL, side="Buy", orderType="Limit", qty=0.01, price=far, orderLinkId="witness-rest")
    raise SystemExit("FAILED a used link id was accepted")
except InvalidRequestError as error:
    check("a used link id is refused", error.status_code == 110072)

# Position with protection: open, protect again, close
session.set_leverage(category="linear", symbol=SYMBOL, buyLeverage="5", sellLeverage="5")
session.place_order(category="linear", symbol=SYMBOL, side="Buy", orderType="Market", qty="0.05", stopLoss=str(round(last * 0.95, 1)), orderLinkId="witness-entry")
order.wait("filled entry on the stream", has_order("witness-entry", "Filled"))
fill = execution.wait("execution on the stream", lambda f: any(r["orderLinkId"] == "witness-entry" for r in rows(f)))
held = position.wait("position on the stream", lambda f: any(r["symbol"] == SYMBOL and r["size"] == "0.05" for r in rows(f)))
wallet.wait("wallet on the stream", lambda f: True)
check("fill and position carry the same sequence", rows(fill)[-1]["seq"] == next(r for r in rows(held) if r["symbol"] == SYMBOL)["seq"])
row = session.get_positions(category="linear", symbol=SYMBOL)["result"]["list"][0]
check("position carries its stop", row["size"] == "0.05" and float(row["stopLoss"]) > 0)
session.set_trading_stop(category="linear", symbol=SYMBOL, tpslMode="Full", positionIdx=0, stopLoss=str(round(last * 0.94, 1)))
try:
    session.set_trading_stop(category="linear", symbol=SYMBOL, tpslMode="Full", positionIdx=0, stopLoss=str(round(last * 0.94, 1)))
    raise SystemExit("FAILED an unchanged stop was not told so")
except InvalidRequestError as error:
    check("an unchanged stop is told so", error.status_code == 34040)
session.place_order(category="linear", symbol=SYMBOL, side="Sell", orderType="Market", qty="0.05", reduceOnly=True, orderLinkId="witness-exit")
position.wait("flat position on the stream", lambda f: any(r["symbol"] == SYMBOL and r["size"] == "0" for r in rows(f)))

# Lists
done = session.get_executions(category="linear", symbol=SYMBOL, limit=1)["result"]
check("executions come in pages", len(done["list"]) == 1 and done["nextPageCursor"] != "")
older = session.get_executions(category="linear", symbol=SYMBOL, limit=1, cursor=done["nextPageCursor"])["result"]["list"]
check("the next page continues", older[0]["execId"] != done["list"][0]["execId"])
check("closed profit", session.get_closed_pnl(category="linear", symbol=SYMBOL)["result"]["list"][0]["closedSize"] == "0.05")
log = session.get_transaction_log(accountType="UNIFIED", category="linear")["result"]["list"]
check("transaction log", len([r for r in log if r["type"] == "TRADE"]) >= 2)
closed = session.get_order_history(category="linear", symbol=SYMBOL)["result"]["list"]
check("order history", {"witness-rest", "witness-entry", "witness-exit"} <= {r["orderLinkId"] for r in closed})

# Trade socket
socket = WebSocketTrading(testnet=False, api_key=KEY, api_secret=SECRET)
placed, amended, cancelled = Inbox(), Inbox(), Inbox()
socket.place_order(placed, category="linear", symbol=SYMBOL, side="Buy", orderType="Limit", qty="0.01", price=str(far), orderLinkId="witness-socket")
check("order by socket is acknowledged", placed.wait("socket acknowledgement", lambda f: True)["retCode"] == 0)
socket.amend_order(amended, category="linear", symbol=SYMBOL, orderLinkId="witness-socket", price=str(far - 100))
check("amend by socket is acknowledged", amended.wait("socket amend", lambda f: True)["retCode"] == 0)
socket.cancel_order(cancelled, category="linear", symbol=SYMBOL, orderLinkId="witness-socket")
check("cancel by socket is acknowledged", cancelled.wait("socket cancel", lambda f: True)["retCode"] == 0)
order.wait("order of the socket on the stream", has_order("witness-socket", "Cancelled"))

# Market streams
kline.wait("candle on the stream", lambda f: f["topic"] == f"kline.5.{SYMBOL}" and "confirm" in f["data"][0])
ticker.wait("ticker on the stream", lambda f: f["data"]["symbol"] == SYMBOL and float(f["data"]["lastPrice"]) > 0)
shown = depth.wait("book on the stream", lambda f: len(f["data"]["b"]) > 0)
trades.wait("public trades on the stream", lambda f: len(f["data"]) > 0)
check("candle, ticker, book and trades stream", float(shown["data"]["b"][0][0]) < float(shown["data"]["a"][0][0]))

session.cancel_all_orders(category="linear", symbol=SYMBOL)
print("ok all", flush=True)
for stream in (private, public, socket):
    stream.exit()
os._exit(0)
