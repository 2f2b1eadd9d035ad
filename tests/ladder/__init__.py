"""Published models a second time: plain and slow, written from the papers' rules, beside ours."""
