"""The FunctionApp and its four blueprints; nothing else."""

import azure.functions as func

from invitations.functions import invitations
from onboarding.functions import onboarding
from shared.functions import platform_functions
from validation.functions import validation

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

app.register_functions(onboarding)
app.register_functions(invitations)
app.register_functions(validation)
app.register_functions(platform_functions)
