"""The FunctionApp and its four blueprints."""

import azure.functions as func

from invitations.functions import invitations
from onboarding.functions import onboarding
from shared.functions import platform_functions
from shared.reporting import quieten_libraries
from shared.settings import settings
from validation.functions import validation

quieten_libraries()
settings()  # a missing or malformed setting stops the start, and names itself

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

app.register_functions(onboarding)
app.register_functions(invitations)
app.register_functions(validation)
app.register_functions(platform_functions)
