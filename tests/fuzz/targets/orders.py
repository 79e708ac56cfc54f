"""The document of orders: orders that are written as they were read, or an error that names the place."""

from feddns.errors import OrdersError
from feddns.orders.document import read_orders


def fuzz(data: bytes) -> None:
    try:
        text = read_orders(data, "orders.json")
    except OrdersError as error:
        assert "orders.json" in str(error)
        return
    again = read_orders(text.encoded(), "orders.json")
    assert again.orders == text.orders
    assert again.others == text.others
