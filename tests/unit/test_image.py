"""What parts get as plain processes is what the image gives them."""

from demo import image
from demo.stack import ROOT


def test_processes_get_what_the_image_sets():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert image.ENVIRON
    assert all(f"ENV {name}={value}" in lines for name, value in image.ENVIRON.items())
