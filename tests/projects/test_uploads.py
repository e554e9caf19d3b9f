"""From files to items: what is taken, what is refused and why, and that one bad file spoils nothing."""

from tests.projects.pictures import picture, turned, zipped


def test_a_picture_becomes_an_item(world, upload, signed_in):
    report = upload(**{"car.png": picture()})

    (entry,) = report["results"]
    assert entry["state"] == "imported"
    client = signed_in(world.ada)
    item = client.get(f"{client.api}/items/{entry['item']}").json()
    assert (item["name"], item["width"], item["height"], item["media_type"]) == ("car.png", 40, 20, "image/png")
    for url in ("image?size=thumb", "image?size=preview", "tiles/0/0/0"):
        answer = client.get(f"{client.api}/items/{item['id']}/{url}")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg"
