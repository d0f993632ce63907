from tests.aps.clients import Clients


def test_the_clients_of_control_panels_can_be_imported(clients: Clients):
    told = clients.run("-c", "import apsconnectcli.hub, apsconnectcli.package, osaapi; print('here')")
    assert (told.stdout, told.returncode) == ("here\n", 0)
