"""The DICOM service: verification, storage and storage commitment for devices (PS3.4 annexes A, B and J).

A C-STORE is answered when the object is safe in the inbox. What is kept is the data set as it came over the network.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from dataclasses import asdict, dataclass
from socketserver import BaseServer
from typing import Any

import structlog
from pynetdicom import (
    AE,
    ALL_TRANSFER_SYNTAXES,
    AllStoragePresentationContexts,
    _config,
    build_context,
    evt,
)
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import register_uid, uid_to_service_class
from pynetdicom.transport import ThreadedAssociationServer

from mrrt.errors import UsageError
from reporting.config import Settings, is_loopback
from reporting.logs import kind_and_places
from reporting.receiving.commitment import PUSH_MODEL, Commitments
from reporting.receiving.inbox import Inbox
from reporting.receiving.objects import as_file, is_sr
from reporting.receiving.peers import Peer, allowed, callers_address
from reporting.receiving.records import Arrival, State
from reporting.receiving.store_message import StoreRequest
from reporting.receiving.tls import server_context
from reporting.receiving.transport import Transport

_log = structlog.get_logger("mrrt.receiving")
_VERIFICATION = "1.2.840.10008.1.1"
UNCOMPRESSED = (
    "1.2.840.10008.1.2.1",  # explicit VR little endian
    "1.2.840.10008.1.2",  # implicit VR little endian
    "1.2.840.10008.1.2.1.99",  # deflated
    "1.2.840.10008.1.2.2",  # explicit VR big endian, retired
)
_NUMBERS = (11, 22, 33, 34, 35, 40, 50, 59, 65, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77)
_RETIRED_TRIAL = {1: "Text", 2: "Audio", 3: "Detail", 4: "Comprehensive"}
SR_CLASSES = tuple(f"1.2.840.10008.5.1.4.1.1.88.{number}" for number in (*_NUMBERS, *_RETIRED_TRIAL))
_SUCCESS, _NO_RESOURCES, _CLASS_NOT_SUPPORTED, _NOT_UNDERSTOOD = 0x0000, 0xA700, 0x0122, 0xC000
_NOT_ALLOWED = (0x01, 0x01, 0x03)  # rejected for good, by the service user: calling AE title not recognised
_LARGEST_PDU = 131072
_SILENCE = 60.0
_INTRODUCTION = 15.0
"""Seconds that a device may be connected without saying who it is."""
_GRACE = 10.0
_LOOK = 0.1
"""Seconds after which the listener looks whether it is to stop."""


@dataclass
class Traffic:
    """What a service has done since it began; `open` are the associations at this moment."""

    associations: int = 0
    rejected: int = 0
    objects: int = 0
    refused: int = 0
    bytes: int = 0
    open: int = 0


class DicomService:
    """A storage SCP on an inbox. `port` is the one it listens on, also where 0 was asked for."""

    def __init__(self, site: Settings, inbox: Inbox) -> None:
        self._site = site
        self._inbox = inbox
        self._traffic = Traffic()
        self._counting = threading.Lock()
        self._commitments = Commitments(inbox, site.ae_title, site.dicom_peers)
        self._server = _server(site, self._handlers())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_LOOK,), name="dicom", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    @property
    def traffic(self) -> dict[str, int]:
        """What it has done so far."""
        with self._counting:
            counted = asdict(self._traffic)
        return counted | {"open": len(self._server.active_associations)}

    def start(self) -> None:
        """Begin; returns at once."""
        self._commitments.start()
        self._thread.start()

    def stop(self) -> None:
        """Take no more devices, let the connected ones finish for a while, and end."""
        self._server.shutdown()
        until = time.monotonic() + _GRACE
        while any(one.is_established for one in self._server.active_associations) and time.monotonic() < until:
            time.sleep(0.05)
        for association in self._server.active_associations:
            association.abort()
        self._commitments.stop()

    def _handlers(self) -> list[Any]:
        return [
            (evt.EVT_CONN_OPEN, self._prepare),
            (evt.EVT_REQUESTED, self._on_request),
            (evt.EVT_ESTABLISHED, self._on_established),
            (evt.EVT_DATA_RECV, self._on_data),
            (evt.EVT_C_STORE, self._on_store),
            (evt.EVT_N_ACTION, self._commitments.on_action),
            (evt.EVT_DIMSE_SENT, self._commitments.on_sent),
            (evt.EVT_PDU_SENT, self._commitments.on_pdu),
        ]

    def _count(self, **more: int) -> None:
        with self._counting:
            for name, number in more.items():
                setattr(self._traffic, name, getattr(self._traffic, name) + number)

    def _on_request(self, event: Any) -> None:
        association = event.assoc
        title = association.requestor.primitive.calling_ae_title.strip()
        if not allowed(self._site.dicom_peers, title, association.requestor.address):
            self._count(rejected=1)
            _log.warning("device rejected", title=title, address=association.requestor.address)
            association.acse.send_reject(*_NOT_ALLOWED)
            association.kill()

    def _on_established(self, event: Any) -> None:
        self._count(associations=1)

    def _on_data(self, event: Any) -> None:
        message = event.assoc.dimse.message
        if message is not None and message.data_set.tell() > self._site.max_body_bytes:
            _log.warning("object too large", title=event.assoc.requestor.ae_title, bytes=message.data_set.tell())
            self._count(refused=1)
            event.assoc.abort()

    def _prepare(self, event: Any) -> None:
        """Let an association receive our way, from its first byte on."""
        transport = event.assoc.dul.socket
        transport.__class__ = Transport
        transport.waiting, transport.store = bytearray(), self._on_request_to_store
        transport.largest = self._site.max_body_bytes

    def _on_store(self, event: Any) -> int:
        """Answer the request that did not come in one go, or came before the association was in order."""
        asked, data = event.request, event.request.DataSet.getvalue()
        uids = str(asked.AffectedSOPClassUID), str(asked.AffectedSOPInstanceUID)
        syntax = str(event.context.transfer_syntax)
        request = StoreRequest(event.context.context_id, asked.MessageID, *uids, data, syntax)
        return self._on_request_to_store(event.assoc, request)

    def _on_request_to_store(self, association: Any, request: StoreRequest) -> int:
        try:
            status = self._stored(request, association.requestor)
        except Exception as error:  # noqa: BLE001  # the device is told to try again later, whatever it was
            _log.error("object not kept", **kind_and_places(error))
            status = _NO_RESOURCES
        self._count(refused=status != _SUCCESS)
        return status

    def _stored(self, request: StoreRequest, device: Any) -> int:
        sop_class, uid = request.sop_class_uid, request.sop_instance_uid
        if not is_sr(sop_class) and self._site.receive_other == "refuse":
            return _CLASS_NOT_SUPPORTED
        content = as_file(request.data, sop_class, uid, request.transfer_syntax)
        title = str(device.ae_title)
        kept = self._inbox.keep(Arrival(content, uid, sop_class, "c-store", title, str(device.address)))
        self._count(objects=1, bytes=len(request.data))
        if self._site.receive_unreadable == "accept":
            return _SUCCESS
        entry = self._inbox.settle(kept.entry.id)
        return _NOT_UNDERSTOOD if entry.state in (State.FAILED, State.CONFLICT) else _SUCCESS


def _server(site: Settings, handlers: list[Any]) -> _Listener:
    if not site.dicom_peers and not is_loopback(site.dicom_host):
        raise UsageError(
            f"nobody may deliver on {site.dicom_host} without being named: give the devices with --peer or in "
            "MRRT_DICOM_PEERS, or listen on 127.0.0.1"
        )
    _config.LOG_HANDLER_LEVEL = "none"  # its own log of every message costs time, and may quote what is in it
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)
    entity = AE(site.ae_title)
    entity.supported_contexts = _contexts(site.receive_other == "keep")
    entity.require_called_aet = True
    entity.maximum_associations = site.dicom_associations
    entity.maximum_pdu_size = _LARGEST_PDU
    entity.network_timeout = entity.dimse_timeout = _SILENCE
    entity.acse_timeout = _INTRODUCTION
    address = (site.dicom_host if site.dicom_host != "localhost" else "127.0.0.1", site.dicom_port or 0)
    try:
        server = entity.make_server(
            address, evt_handlers=handlers, ssl_context=server_context(site), server_class=_Listener
        )
    except OSError as error:
        raise UsageError(f"nothing can listen on {address[0]}:{address[1]}: {error.strerror or error}") from error
    assert isinstance(server, _Listener)
    server.peers = site.dicom_peers
    return server


def _contexts(others: bool) -> list[PresentationContext]:
    for number, name in _RETIRED_TRIAL.items():
        uid = f"1.2.840.10008.5.1.4.1.1.88.{number}"
        if uid_to_service_class(uid) is not StorageServiceClass:
            register_uid(uid, f"{name}SRStorageTrial", StorageServiceClass)
    contexts = [build_context(uid, list(UNCOMPRESSED)) for uid in SR_CLASSES]
    contexts += [build_context(uid, list(UNCOMPRESSED)) for uid in (_VERIFICATION, PUSH_MODEL)]
    known = {context.abstract_syntax for context in contexts}
    other = [one.abstract_syntax for one in AllStoragePresentationContexts if one.abstract_syntax not in known]
    return contexts + ([build_context(uid, list(ALL_TRANSFER_SYNTAXES)) for uid in other if uid] if others else [])


class _Listener(ThreadedAssociationServer):
    """Accepts connections; what may take a peer's time happens in the thread of its connection."""

    daemon_threads = True
    peers: tuple[Peer, ...] = ()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Hang up on whoever calls from an address that no device has."""
        return callers_address(self.peers, client_address[0])

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and leave its TLS handshake for later: a silent peer must not hold up the others."""
        assert self.socket is not None
        return self.socket.accept()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Prepare a connection and hand it to an association."""
        request.settimeout(_SILENCE)
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.ssl_context is not None:
            try:
                request = self.ssl_context.wrap_socket(request, server_side=True)
            except (ssl.SSLError, OSError) as error:
                _log.warning("no TLS with a device", address=client_address[0], kind=type(error).__name__)
                self.shutdown_request(request)
                return
        super().finish_request(request, client_address)

    def shutdown(self) -> None:
        """Stop to listen; associations go on."""
        BaseServer.shutdown(self)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what a connection broke on."""
        _log.error("connection broken", address=client_address[0])
