"""The ERP's API over HTTP: ``{root}/API/{Controller}/{Action}/{API Key}`` (contracts/http.md §3, erp.md §1 to §3.1).

A door and nothing else: parameters become a body of the document ``erp_sales_order``, which is a drop like others, and
what is stored of it, or what it fails for, becomes an envelope (``reports.erp_envelope``). ``calls`` says what can be
called, ``parameters`` reads them, ``bodies`` writes the drop, ``orders`` answers, ``router`` is what FastAPI knows. It
may import all of the house but ``cli`` and ``flows``.
"""
